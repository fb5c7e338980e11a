// The long answers of `vdlc explain ID`: for every id a reason, an example that fails, and the way out. The data lies
// in explanations_<series>.inc beside this file, one entry an id.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vdlc {

struct Explanation {
  std::string_view id;       // "TY11"
  std::string_view title;    // what it is called, a few words
  std::string_view reason;   // what is wrong and why it is an error
  std::string_view example;  // input that fails; "" where a short one cannot show it
  std::string_view remedy;   // the way out
};

// In order of series and number.
const std::vector<Explanation>& explanations();
const Explanation* find_explanation(std::string_view id);  // case does not matter; null if there is none
std::string render_explanation(const Explanation& explanation);

}  // namespace vdlc

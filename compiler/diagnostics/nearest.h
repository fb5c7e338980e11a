// "Did you mean": the word among some that looks most like a wrong one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vdlc {

// The candidate that differs least from `word`, case aside, by at most a third of its letters; "" if there is none, or
// if there are too many to compare.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// "did you mean `x`?", or "" for "".
std::string did_you_mean(std::string_view candidate);

}  // namespace vdlc

// Doc comments, from VDL's (kept with their markers) to lines of `///`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/model.h"

namespace vdlc::cpp {

// The text of the comments, line by line, without markers and without the blanks common to all lines.
std::vector<std::string> doc_text(std::string_view comments);

// Leading docs, then the suffix, as lines that may stand behind `///`: no line ends in something that would continue
// it.
std::vector<std::string> doc_lines(const model::Docs& docs);
std::vector<std::string> doc_lines(std::string_view comments);

}  // namespace vdlc::cpp

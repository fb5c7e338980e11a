// Literals of C++ that mean exactly what a VDL constant means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vdlc::cpp {

// "\"a\\n\"". Readable Unicode stays; other bytes, trigraphs and characters that change how text is shown are escaped.
std::string string_literal(std::string_view text);

// An expression for a std::string or std::string_view (`type`) of this content, with its length where it holds a NUL.
std::string string_expression(std::string_view text, std::string_view type);

std::string signed_literal(std::int64_t number);
std::string unsigned_literal(std::uint64_t number);
// The shortest decimal that reads back as the same number.
std::string double_literal(double number);
std::string float_literal(double number);

// The code points of valid UTF-8 one after another; a byte that belongs to none comes alone, as itself, not valid.
struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;
  bool valid;
};
CodePoint next_code_point(std::string_view text);

// Characters that make source text look different from what it is: controls, invisible ones, changes of direction.
bool is_deceptive(std::uint32_t code_point);

}  // namespace vdlc::cpp

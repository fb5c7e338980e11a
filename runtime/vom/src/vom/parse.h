// Reading message headers from bytes that may not have come yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vom/limits.h>

#include "vom/wire_type.h"

namespace nb::vom {

Error malformed(std::string what);
Error cut_short(std::string_view what);
Result<void> check_version(std::uint8_t byte, const Limits& limits);

// Takes parts from the front of what has come. Once it is short of bytes, or found something malformed, it stays so and
// gives zeros.
class Cursor {
 public:
  explicit Cursor(BytesView bytes) : bytes_(bytes) {}

  std::uint64_t number();
  std::int64_t signed_number();
  // A control byte, if it is the next; not taken otherwise.
  bool take_control(std::uint8_t control);
  BytesView bytes(std::uint64_t count);

  std::size_t position() const { return position_; }
  bool is_short() const { return is_short_; }
  bool failed() const { return static_cast<bool>(error_); }
  bool stopped() const { return is_short_ || failed(); }
  const Error& error() const { return error_; }
  void fail(std::string what);

 private:
  BytesView bytes_;
  std::size_t position_ = 0;
  bool is_short_ = false;
  Error error_;
};

struct TypeMessage {
  TypeId id = 0;
  bool incomplete = false;
  BytesView body;
};

// [e2] svar(-id) uvar(len) body
TypeMessage parse_type_message(Cursor& cursor, const Limits& limits);
// The same from behind the id.
BytesView parse_type_body(Cursor& cursor, const Limits& limits);

}  // namespace nb::vom

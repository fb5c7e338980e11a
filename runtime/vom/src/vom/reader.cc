#include <nb/vom/reader.h>

#include <algorithm>
#include <limits>
#include <utility>

#include <nb/vdl/any.h>

#include "vom/dynamic_reader.h"
#include "vom/message.h"

namespace nb::vom {

bool Reader::fail(std::string_view why) {
  if (!error_) {
    error_ = Error("v.io/v23/verror.BadProtocol", RetryAction::kNoRetry,
                   "malformed value at byte " + std::to_string(next_ - begin_) + ": " + std::string(why));
  }
  return false;
}

const Error& Reader::error() {
  if (!error_) fail("index out of range");
  return error_;
}

bool Reader::fail_at_byte(std::string_view what) {
  if (next_ == end_ || (*next_ >= 0xf8 && left() <= 0x100u - *next_)) return fail("cut short");
  return fail(what);
}

bool Reader::fail_length(std::uint64_t length) {
  return fail(length > limits_.max_length ? "a length beyond the limit" : "cut short");
}

bool Reader::byte_array(std::span<std::uint8_t> v) {
  if (next_ == end_) return fail("cut short");
  if (*next_ != 0) return fail("an array begins with 00");
  ++next_;
  if (v.size() > left()) return fail("cut short");
  std::copy_n(next_, v.size(), v.data());
  next_ += v.size();
  return true;
}

bool Reader::begin_array(std::size_t n) {
  if (next_ == end_) return fail("cut short");
  if (*next_ != 0) return fail("an array begins with 00");
  ++next_;
  // Every element takes a byte at least.
  if (n > left()) return fail("cut short");
  return enter();
}

bool Reader::begin_counted(std::size_t& n, std::size_t parts) {
  std::uint64_t wide = 0;
  if (!number(wide)) return false;
  if (wide > limits_.max_length || wide > left() / parts) return fail_length(wide);
  n = static_cast<std::size_t>(wide);
  return enter();
}

int Reader::next_large_field() {
  if (next_ != end_ && *next_ >= 0x80 && *next_ < 0xf8) {
    fail("neither a field index nor the end of a struct");
    return kFailed;
  }
  std::uint32_t index = 0;
  if (!small_number(index)) return kFailed;
  if (index > static_cast<std::uint32_t>(std::numeric_limits<int>::max())) {
    fail("struct field index out of range");
    return kFailed;
  }
  return static_cast<int>(index);
}

bool Reader::type_object(Type& v) {
  std::uint64_t index = 0;
  if (!number(index)) return false;
  if (index >= message_.types.size()) return fail("type index out of range");
  v = message_.types[static_cast<std::size_t>(index)];
  return true;
}

// Of an any that is not nil; then its body follows, up to `body_end`.
bool Reader::any_header(Type& type, const std::uint8_t*& body_end) {
  if (!type_object(type)) return false;
  if (type.kind() == Kind::kAny) return fail("an any holds an any");
  std::uint64_t index = 0;
  if (!number(index)) return false;
  if (index >= message_.any_lengths.size()) return fail("any length index out of range");
  const std::uint64_t size = message_.any_lengths[static_cast<std::size_t>(index)];
  if (size > left()) return fail("an any is longer than its message");
  body_end = next_ + size;
  return true;
}

bool Reader::any(Any& v) {
  bool present = false;
  if (!optional(present)) return false;
  if (!present) {
    v = Any();
    return true;
  }
  Type type;
  const std::uint8_t* body_end = nullptr;
  if (!any_header(type, body_end)) return false;
  const bool small = (type.kind() >= Kind::kBool && type.kind() <= Kind::kFloat64) || type.kind() == Kind::kEnum;
  if (small) {  // not worth keeping the message for
    const std::uint8_t* outer_end = std::exchange(end_, body_end);
    Value value;
    DynamicReader dynamic(*this);
    if (!dynamic.read(type, value)) return false;
    if (next_ != end_) return fail("an any is shorter than its recorded length");
    end_ = outer_end;
    v = Any(std::move(value));
    return true;
  }
  if (!message_.kept && !charge(message_.body.size())) return false;
  if (!charge(sizeof(RawValue))) return false;
  const auto at = static_cast<std::size_t>(next_ - message_.body.data());
  v = Any(std::make_shared<RawValue>(message_.keep(limits_), std::move(type), at,
                                     static_cast<std::size_t>(body_end - next_)));
  next_ = body_end;
  return true;
}

}  // namespace nb::vom

// Reader: reads the body of one VOM message that has exactly the type of the target; the codecs of generated code call
// it (its functions are those of <nb/vdl/value_reader.h>). Made by a Decoder.
//
// Every length is checked against the bytes that are there before it is used, and containers inside each other are
// counted. So is the memory that the value takes, before it is taken: a byte on the wire may stand for a large struct.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/type.h>
#include <nb/vom/limits.h>
#include <nb/vom/message_context.h>
#include <nb/vom/primitive.h>

namespace nb {
class Any;
class Value;
}  // namespace nb

namespace nb::vom {

class Message;  // the body of a message with its lists of types and any lengths; private to vom

class Reader {
 public:
  static constexpr int kEnd = -1;
  static constexpr int kFailed = -2;

  bool boolean(bool& v) {
    if (next_ == end_ || *next_ > 1) [[unlikely]]
      return fail_at_byte("not a boolean");
    v = *next_++ == 1;
    return true;
  }
  bool unsigned_number(std::uint64_t& v) { return number(v); }
  bool byte(std::uint8_t& v) {
    std::uint64_t wide = 0;
    if (!number(wide)) return false;
    if (wide > 0xff) return fail("number out of range of byte");
    v = static_cast<std::uint8_t>(wide);
    return true;
  }
  bool signed_number(std::int64_t& v) {
    std::uint64_t folded = 0;
    if (!number(folded)) return false;
    v = unfold_sign(folded);
    return true;
  }
  bool floating(double& v) {
    std::uint64_t reversed = 0;
    if (!number(reversed)) return false;
    v = unreverse_double(reversed);
    return true;
  }
  bool string(std::string& v) {
    std::size_t size = 0;
    if (!length(size) || !charge(size)) return false;
    v.assign(reinterpret_cast<const char*>(next_), size);
    next_ += size;
    return true;
  }
  bool bytes(Bytes& v) {
    std::size_t size = 0;
    if (!length(size) || !charge(size)) return false;
    v.assign(next_, next_ + size);
    next_ += size;
    return true;
  }
  bool byte_array(std::span<std::uint8_t> v);
  bool enumeration(std::uint32_t& index) { return small_number(index); }
  bool type_object(Type& v);
  bool any(Any& v);
  bool optional(bool& present) {
    if (next_ == end_) [[unlikely]]
      return fail_at_byte("");
    present = *next_ != kNil;
    if (!present) ++next_;
    return true;
  }
  bool begin_array(std::size_t n);
  bool begin_list(std::size_t& n) { return begin_counted(n, 1); }
  bool begin_set(std::size_t& n) { return begin_counted(n, 1); }
  bool begin_map(std::size_t& n) { return begin_counted(n, 2); }
  bool begin_struct() { return enter(); }
  int next_field() {
    if (next_ != end_) [[likely]] {
      if (*next_ <= 0x7f) [[likely]]
        return *next_++;
      if (*next_ == kEndOfStruct) {
        ++next_;
        return kEnd;
      }
    }
    return next_large_field();
  }
  bool begin_union(std::uint32_t& index) { return enter() && small_number(index); }
  bool end() {
    --depth_;
    return true;
  }

  // Counts memory that is about to be taken; false when it goes beyond Limits::max_decoded_bytes.
  bool charge(std::uint64_t bytes) {
    if (bytes > memory_left_) [[unlikely]]
      return fail("the value takes too much memory (limit max_decoded_bytes)");
    memory_left_ -= bytes;
    return true;
  }

  bool fail(std::string_view why);
  const Error& error();  // what went wrong; an error also when nothing was recorded

  MessageContext* context() const { return context_; }

 private:
  friend class Decoder;
  friend class DynamicReader;
  friend class WireTypeReader;
  friend class RawValue;

  // Reads [begin, end) of the body of `message`, which outlives the reader.
  Reader(Message& message, const std::uint8_t* begin, const std::uint8_t* end, const Limits& limits,
         MessageContext* context)
      : message_(message),
        begin_(begin),
        next_(begin),
        end_(end),
        limits_(limits),
        memory_left_(limits.max_decoded_bytes),
        context_(context) {}

  std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }
  bool number(std::uint64_t& v) {
    const auto* after = get_uvar(next_, end_, v);
    if (after == nullptr) [[unlikely]]
      return fail_at_byte("not a number");
    next_ = after;
    return true;
  }
  bool small_number(std::uint32_t& v) {
    std::uint64_t wide = 0;
    if (!number(wide)) return false;
    v = static_cast<std::uint32_t>(wide);
    return v == wide || fail("index out of range");
  }
  bool length(std::size_t& size) {
    std::uint64_t wide = 0;
    if (!number(wide)) return false;
    if (wide > left() || wide > limits_.max_length) [[unlikely]]
      return fail_length(wide);
    size = static_cast<std::size_t>(wide);
    return true;
  }
  bool begin_counted(std::size_t& n, std::size_t parts);
  bool enter() {
    if (++depth_ > limits_.max_depth) [[unlikely]]
      return fail("nested too deeply");
    return true;
  }
  bool fail_at_byte(std::string_view what);
  bool fail_length(std::uint64_t length);
  int next_large_field();
  bool any_header(Type& type, const std::uint8_t*& body_end);

  Message& message_;
  const std::uint8_t* begin_;
  const std::uint8_t* next_;
  const std::uint8_t* end_;
  const Limits& limits_;
  std::uint64_t memory_left_;
  MessageContext* context_;
  std::uint32_t depth_ = 0;
  Error error_;
};

}  // namespace nb::vom

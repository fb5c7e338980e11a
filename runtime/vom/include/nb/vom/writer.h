// Writer: writes the body of one VOM message; the codecs of generated code call it (its functions are those of
// <nb/vdl/value_writer.h>). Made and owned by an Encoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/type.h>
#include <nb/vom/message_context.h>
#include <nb/vom/primitive.h>
#include <nb/vom/type_encoder.h>

namespace nb {
class Any;
class Value;
}  // namespace nb

namespace nb::vom {

class Writer {
 public:
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void boolean(bool v) { put_byte(v ? 1 : 0); }
  void byte(std::uint8_t v) { number(v); }
  void unsigned_number(std::uint64_t v) { number(v); }
  void signed_number(std::int64_t v) { number(fold_sign(v)); }
  void floating(double v) { number(reverse_double(v)); }
  void enumeration(std::uint32_t index) { number(index); }
  void string(std::string_view v) { counted(v.data(), v.size()); }
  void bytes(BytesView v) { counted(v.data(), v.size()); }
  void byte_array(BytesView v) {
    put_byte(0);
    raw(v.data(), v.size());
  }
  void type_object(const Type& v);
  void any(const Any& v);
  void nil() { put_byte(kNil); }
  void some() {}
  void begin_array(std::size_t) { put_byte(0); }
  void begin_list(std::size_t n) { number(n); }
  void begin_set(std::size_t n) { number(n); }
  void begin_map(std::size_t n) { number(n); }
  void end() {}
  void begin_struct() {}
  void field(std::uint32_t index) { number(index); }
  void end_struct() { put_byte(kEndOfStruct); }
  void begin_union(std::uint32_t index) { number(index); }
  void end_union() {}

  // A whole value of the type expected here.
  void value(const Value& v);

  MessageContext* context() const { return context_; }

 private:
  friend class Encoder;

  explicit Writer(TypeEncoder& types);
  ~Writer();

  std::size_t written() const { return static_cast<std::size_t>(next_ - start_); }
  void number(std::uint64_t v) {
    reserve(kMaxUvarBytes);
    next_ = put_uvar(next_, v);
  }
  void put_byte(std::uint8_t v) {
    reserve(1);
    *next_++ = v;
  }
  void counted(const void* data, std::size_t size) {
    number(size);
    raw(data, size);
  }
  void raw(const void* data, std::size_t size) {
    if (size == 0) return;
    reserve(size);
    std::memcpy(next_, data, size);
    next_ += size;
  }
  void reserve(std::size_t bytes) {
    if (static_cast<std::size_t>(limit_ - next_) < bytes) [[unlikely]]
      grow(bytes);
  }
  void grow(std::size_t bytes);
  void write(const Value& v, std::uint32_t depth);
  void fail(const Error& error);

  std::uint64_t reference(const Type& type);  // index in the message's list of types
  void any_value(const Value& v, std::uint32_t depth);
  template <class Body>
  void any_body(const Type& type, const Body& body);

  TypeEncoder& types_;
  // One malloc'ed block [start_, limit_); written up to next_.
  std::uint8_t* start_ = nullptr;
  std::uint8_t* next_ = nullptr;
  std::uint8_t* limit_ = nullptr;
  struct Reference {
    Type type;
    std::uint64_t id;
  };
  std::vector<Reference> references_;       // of this message
  std::vector<std::uint64_t> any_lengths_;  // of this message
  std::size_t last_reference_ = 0;
  MessageContext* context_ = nullptr;
  Error error_;  // the first thing that could not be written
};

}  // namespace nb::vom

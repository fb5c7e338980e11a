// ValueWriter: the Writer that builds a Value. What a Writer must offer, and in which order its functions are called,
// can be read off here; codecs call nothing else.
//
// A writer never fails on what a codec of the right type writes, except for limits and for malformed undecoded parts;
// those it remembers, and finish() tells.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/value.h>

namespace nb {

class Any;

class ValueWriter {
 public:
  explicit ValueWriter(Type type);
  ~ValueWriter();
  ValueWriter(const ValueWriter&) = delete;
  ValueWriter& operator=(const ValueWriter&) = delete;

  // Scalars, of the kind that the type has at this place.
  void boolean(bool v);
  void unsigned_number(std::uint64_t v);
  void byte(std::uint8_t v);
  void signed_number(std::int64_t v);
  void floating(double v);
  void string(std::string_view v);
  void enumeration(std::uint32_t index);
  void type_object(const Type& v);
  void any(const Any& v);
  // Lists and arrays whose elements have kind byte.
  void bytes(BytesView v);
  void byte_array(BytesView v);
  // An optional: nil(), or some() and then the value.
  void nil();
  void some();
  // Exactly n elements follow (for a map: n times key, element), then end().
  void begin_array(std::size_t n);
  void begin_list(std::size_t n);
  void begin_set(std::size_t n);
  void begin_map(std::size_t n);
  void end();
  // Non-zero fields in ascending order, each: field(index), its value.
  void begin_struct();
  void field(std::uint32_t index);
  void end_struct();
  // Then the value of that field.
  void begin_union(std::uint32_t index);
  void end_union();

  // A whole value of the right type.
  void value(const Value& v);

  Result<Value> finish();

 private:
  struct Frame;
  Type expected() const;
  void put(Value v);
  void push(bool container);

  std::vector<Frame> frames_;  // the innermost unfinished value is last; the first stands for the result
  Error error_;
};

}  // namespace nb

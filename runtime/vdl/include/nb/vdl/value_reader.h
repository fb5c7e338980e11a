// ValueReader: the Reader that takes a Value apart. What a Reader must offer can be read off here; codecs call nothing
// else. The data has exactly the type of the target: whoever started the reading has compared or converted.
//
// Every function answers false (next_field: kFailed) after a failure; the reader holds the first error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/value.h>

namespace nb {

class Any;

class ValueReader {
 public:
  static constexpr int kEnd = -1;
  static constexpr int kFailed = -2;

  // `value` outlives the reader. What is read may take about `max_bytes` of memory: parts of a Value may be shared.
  explicit ValueReader(const Value& value, std::uint64_t max_bytes = UINT64_MAX);

  bool boolean(bool& v);
  bool unsigned_number(std::uint64_t& v);
  bool byte(std::uint8_t& v);
  bool signed_number(std::int64_t& v);
  bool floating(double& v);
  bool string(std::string& v);
  bool enumeration(std::uint32_t& index);  // of a label that exists
  bool type_object(Type& v);
  bool any(Any& v);
  bool bytes(Bytes& v);
  bool byte_array(std::span<std::uint8_t> v);  // exactly so many
  // An optional: when `present`, its value follows.
  bool optional(bool& present);
  // The elements follow (of a map: key, element, …), then end(). n is safe to count up to, not to reserve memory for.
  bool begin_array(std::size_t n);  // exactly so many
  bool begin_list(std::size_t& n);
  bool begin_set(std::size_t& n);
  bool begin_map(std::size_t& n);
  bool begin_struct();
  // The index of the field that follows, in any order; kEnd, after which end() is due; or kFailed.
  int next_field();
  bool begin_union(std::uint32_t& index);  // the field's value follows, then end()
  bool end();

  // Counts memory that is about to be taken: elements of containers, boxed values.
  bool charge(std::uint64_t bytes);

  bool fail(std::string_view why);  // records an error, answers false
  const Error& error();             // what went wrong; an error also when nothing was recorded

 private:
  struct Frame {
    const Value* value;
    std::size_t next;
  };
  const Value* take(Kind kind);  // the value at this place; null if it has another kind
  const Value* peek();

  std::vector<Frame> frames_;
  const Value* current_;  // the value at this place when no container is open, or after some()
  std::uint64_t memory_left_;
  Error error_;
};

}  // namespace nb

// Any: the VDL type any. Nil, or a value with its type.
//
// A value that came in a message stays undecoded until somebody asks: a program can pass on values of types it does not
// know, and what is malformed inside is found out when it is looked at. A value type: cheap to copy (parts are shared
// and never change), safe to read from any thread.
//
//   nb::Any any(std::int32_t{7});
//   nb::Result<std::int64_t> n = any.as<std::int64_t>();   // converts as docs/spec/vom.md 11 says
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <nb/base/result.h>
#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/type.h>
#include <nb/vdl/value.h>

namespace nb {

// A value that is still in its encoded form. Immutable. The encoder of the same format may look inside.
class UndecodedValue {
 public:
  virtual ~UndecodedValue() = default;
  virtual const Type& type() const = 0;
  virtual Result<Value> decode() const = 0;
  // What may be made of it: memory, roughly.
  virtual std::uint64_t max_bytes() const { return UINT64_MAX; }
};

class Any {
 public:
  Any() = default;                                                // nil
  Any(Value value);                                               // an any inside is unwrapped; any(nil) is nil
  explicit Any(std::shared_ptr<const UndecodedValue> undecoded);  // not null; its type is not any
  template <class T>
  requires(HasCodec<T> && !std::same_as<T, Any> && !std::same_as<T, Value>) explicit Any(const T& value);
  explicit Any(std::string_view text);
  explicit Any(const char* text) : Any(std::string_view(text)) {}

  bool is_nil() const { return !undecoded_ && value_.kind() == Kind::kAny; }
  explicit operator bool() const { return !is_nil(); }

  Type type() const;  // of the held value; any when nil

  // The held value as a T, converted if it has another type. Fails when it is nil (unless T may be nil), cannot be
  // converted, or is malformed.
  template <class T>
  Result<T> as() const;
  // The held value itself (any(nil) when nil); fails when it is malformed.
  Result<Value> vdl() const;

  // Null unless the value is undecoded.
  const std::shared_ptr<const UndecodedValue>& undecoded() const { return undecoded_; }
  // The decoded value, any(nil) while it is undecoded or nil.
  const Value& decoded() const;

  std::string to_string() const;  // VDL literal; says so when malformed

  // By content; a malformed value equals nothing.
  friend bool operator==(const Any& a, const Any& b);

 private:
  Value value_;                                      // the held value itself; any(nil) when nil or undecoded
  std::shared_ptr<const UndecodedValue> undecoded_;  // shared: copies of an Any look at the same bytes
};

}  // namespace nb

#include <nb/vdl/dynamic.h>  // the definitions of the templates

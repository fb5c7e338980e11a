// What the rpc layer does with values of user types without knowing them: the seam between the thin templates of calls
// and servers and their common, compiled core. For generated code and the runtime itself.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <nb/base/result.h>
#include <nb/rpc/results.h>
#include <nb/vdl/codec.h>
#include <nb/vom/decoder.h>
#include <nb/vom/encoder.h>

namespace nb::rpc {

struct ValueOps {
  Type (*type)();
  Result<void> (*encode)(vom::Encoder& encoder, const void* value);
  Result<void> (*decode)(vom::Decoder& decoder, void* value);
};

template <class T>
inline constexpr ValueOps kValueOps{
    &Codec<T>::type,
    [](vom::Encoder& encoder, const void* value) { return encoder.encode(*static_cast<const T*>(value)); },
    [](vom::Decoder& decoder, void* value) { return decoder.read(*static_cast<T*>(value)); },
};

// A value to be sent, and a place for a received one; somebody else owns both.
struct ValueRef {
  const ValueOps* ops;
  const void* value;
};
struct SlotRef {
  const ValueOps* ops;
  void* value;
};

template <class Tuple>
auto value_refs(const Tuple& values) {
  return std::apply(
      [](const auto&... each) {
        return std::array<ValueRef, sizeof...(each)>{
            ValueRef{&kValueOps<std::remove_cvref_t<decltype(each)>>, static_cast<const void*>(&each)}...};
      },
      values);
}

template <class Tuple>
auto slot_refs(Tuple&& values) {
  return std::apply(
      [](auto&... each) {
        return std::array<SlotRef, sizeof...(each)>{
            SlotRef{&kValueOps<std::remove_cvref_t<decltype(each)>>, static_cast<void*>(&each)}...};
      },
      values);
}

// Values that belong to an operation until it is done: the arguments of a call, an item of a stream.
class Values {
 public:
  virtual ~Values() = default;
  virtual std::span<const ValueRef> refs() const = 0;
};

template <class... T>
class ValuesOf final : public Values {
 public:
  template <class... U>
  explicit ValuesOf(U&&... values) : values_(std::forward<U>(values)...), refs_(value_refs(values_)) {}
  ValuesOf(const ValuesOf&) = delete;
  ValuesOf& operator=(const ValuesOf&) = delete;
  std::span<const ValueRef> refs() const override { return refs_; }

 private:
  const std::tuple<T...> values_;
  const std::array<ValueRef, sizeof...(T)> refs_;
};

// What an argument is kept as: text literals and views become strings.
template <class T>
struct Kept {
  using type = std::remove_cvref_t<T>;
};
template <>
struct Kept<std::string_view> {
  using type = std::string;
};
template <>
struct Kept<const char*> {
  using type = std::string;
};
template <>
struct Kept<char*> {
  using type = std::string;
};
template <class T>
using KeptAs = typename Kept<std::decay_t<T>>::type;

}  // namespace nb::rpc

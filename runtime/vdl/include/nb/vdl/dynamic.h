// From C++ values to dynamic ones and back, through their codecs.
#pragma once

#include <cstdint>

#include <nb/vdl/any.h>
#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/containers.h>
#include <nb/vdl/value.h>
#include <nb/vdl/value_reader.h>
#include <nb/vdl/value_writer.h>

namespace nb {

// Fails only when an Any inside turns out to be malformed, or the value nests deeper than values may.
template <HasCodec T>
Result<Value> to_value(const T& value) {
  ValueWriter writer(Codec<T>::type());
  Codec<T>::write(writer, value);
  return writer.finish();
}

// `value` as a T, converted (docs/spec/vom.md 11) when it has another type. A T may take more memory than its Value,
// whose zero parts are shared: `max_bytes` bounds it for values from outside.
template <HasCodec T>
Result<T> from_value(const Value& value, std::uint64_t max_bytes = UINT64_MAX) {
  const Type target = Codec<T>::type();
  if (value.type() != target) {
    auto converted = convert(value, target, max_bytes);
    if (!converted) return converted.error();
    return from_value<T>(*converted, max_bytes);
  }
  T result{};
  ValueReader reader(value, max_bytes);
  if (!Codec<T>::read(reader, result)) return reader.error();
  return result;
}

namespace vdl {
std::shared_ptr<const UndecodedValue> broken_value(Type type, Error error);

template <class T>
int slow_order(const T& a, const T& b) {
  return total_order(*to_value(a), *to_value(b));
}
}  // namespace vdl

template <class T>
requires(HasCodec<T> && !std::same_as<T, Any> && !std::same_as<T, Value>) Any::Any(const T& value) {
  auto made = to_value(value);
  if (made) {
    *this = Any(std::move(*made));
  } else {
    undecoded_ = vdl::broken_value(Codec<T>::type(), made.error());
  }
}

template <class T>
Result<T> Any::as() const {
  if constexpr (std::is_same_v<T, Any>) {
    return *this;
  } else {
    if (!undecoded_) return from_value<T>(value_);
    auto value = undecoded_->decode();
    if (!value) return value.error();
    return from_value<T>(*value, undecoded_->max_bytes());
  }
}

}  // namespace nb

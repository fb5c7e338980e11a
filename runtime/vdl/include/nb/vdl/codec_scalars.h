// Codecs of booleans, numbers and strings, and what a named type (`type Port uint16`) needs besides its type().
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include <nb/base/bytes.h>
#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/number.h>

namespace nb {

template <>
struct Codec<bool> {
  static Type type() { return Type::boolean(); }
  static bool is_zero(bool value) { return !value; }
  template <class W>
  static void write(W& writer, bool value) {
    writer.boolean(value);
  }
  template <class R>
  static bool read(R& reader, bool& value) {
    return reader.boolean(value);
  }
};

template <>
struct Codec<std::uint8_t> {
  static Type type() { return Type::byte(); }
  static bool is_zero(std::uint8_t value) { return value == 0; }
  template <class W>
  static void write(W& writer, std::uint8_t value) {
    writer.byte(value);
  }
  template <class R>
  static bool read(R& reader, std::uint8_t& value) {
    return reader.byte(value);
  }
};

namespace vdl {

template <class T>
struct UnsignedCodec {
  static bool is_zero(T value) { return value == 0; }
  template <class W>
  static void write(W& writer, T value) {
    writer.unsigned_number(value);
  }
  template <class R>
  static bool read(R& reader, T& value) {
    std::uint64_t wide = 0;
    if (!reader.unsigned_number(wide)) return false;
    value = static_cast<T>(wide);
    return value == wide || reader.fail("number out of range");
  }
};

template <class T>
struct SignedCodec {
  static bool is_zero(T value) { return value == 0; }
  template <class W>
  static void write(W& writer, T value) {
    writer.signed_number(value);
  }
  template <class R>
  static bool read(R& reader, T& value) {
    std::int64_t wide = 0;
    if (!reader.signed_number(wide)) return false;
    value = static_cast<T>(wide);
    return value == wide || reader.fail("number out of range");
  }
};

}  // namespace vdl

template <>
struct Codec<std::uint16_t> : vdl::UnsignedCodec<std::uint16_t> {
  static Type type() { return Type::uint16(); }
};
template <>
struct Codec<std::uint32_t> : vdl::UnsignedCodec<std::uint32_t> {
  static Type type() { return Type::uint32(); }
};
template <>
struct Codec<std::uint64_t> : vdl::UnsignedCodec<std::uint64_t> {
  static Type type() { return Type::uint64(); }
};
template <>
struct Codec<std::int8_t> : vdl::SignedCodec<std::int8_t> {
  static Type type() { return Type::int8(); }
};
template <>
struct Codec<std::int16_t> : vdl::SignedCodec<std::int16_t> {
  static Type type() { return Type::int16(); }
};
template <>
struct Codec<std::int32_t> : vdl::SignedCodec<std::int32_t> {
  static Type type() { return Type::int32(); }
};
template <>
struct Codec<std::int64_t> : vdl::SignedCodec<std::int64_t> {
  static Type type() { return Type::int64(); }
};

template <>
struct Codec<float> {
  static Type type() { return Type::float32(); }
  static bool is_zero(float value) { return value == 0; }  // -0.0 too: docs/spec/vom.md 8.1
  template <class W>
  static void write(W& writer, float value) {
    writer.floating(value);
  }
  template <class R>
  static bool read(R& reader, float& value) {
    double wide = 0;
    if (!reader.floating(wide)) return false;
    if (std::isfinite(wide) && std::fabs(wide) > static_cast<double>(std::numeric_limits<float>::max())) {
      return reader.fail("number out of range of float32");
    }
    value = static_cast<float>(wide);
    return true;
  }
};

template <>
struct Codec<double> {
  static Type type() { return Type::float64(); }
  static bool is_zero(double value) { return value == 0; }
  template <class W>
  static void write(W& writer, double value) {
    writer.floating(value);
  }
  template <class R>
  static bool read(R& reader, double& value) {
    return reader.floating(value);
  }
};

template <>
struct Codec<std::string> {
  static Type type() { return Type::string(); }
  static bool is_zero(const std::string& value) { return value.empty(); }
  template <class W>
  static void write(W& writer, const std::string& value) {
    writer.string(value);
  }
  template <class R>
  static bool read(R& reader, std::string& value) {
    return reader.string(value);
  }
};

template <>
struct Codec<Type> {
  static Type type() { return Type::type_object(); }
  static bool is_zero(const Type& value) { return value.kind() == Kind::kAny; }
  template <class W>
  static void write(W& writer, const Type& value) {
    writer.type_object(value);
  }
  template <class R>
  static bool read(R& reader, Type& value) {
    return reader.type_object(value);
  }
};

// All but type() of a named type N over Base, where N is a Number or publicly derived from Base:
//   template <> struct nb::Codec<p::Name> : nb::NamedCodec<p::Name, std::string> { static nb::Type type(); };
template <class N, class Base>
struct NamedCodec {
  static bool is_zero(const N& value) { return Codec<Base>::is_zero(value); }
  template <class W>
  static void write(W& writer, const N& value) {
    Codec<Base>::write(writer, value);
  }
  template <class R>
  static bool read(R& reader, N& value) {
    if constexpr (IsNumber<N>) {
      return Codec<Base>::read(reader, static_cast<Number<Base, N>&>(value).value);
    } else {
      return Codec<Base>::read(reader, static_cast<Base&>(value));
    }
  }
};

// The same for enums: n labels, numbered from 0.
template <class E, std::uint32_t kLabels>
struct EnumCodec {
  static bool is_zero(E value) { return static_cast<std::uint32_t>(value) == 0; }
  template <class W>
  static void write(W& writer, E value) {
    writer.enumeration(static_cast<std::uint32_t>(value));
  }
  template <class R>
  static bool read(R& reader, E& value) {
    std::uint32_t index = 0;
    if (!reader.enumeration(index)) return false;
    if (index >= kLabels) return reader.fail("enum index out of range");
    value = static_cast<E>(index);
    return true;
  }
};

}  // namespace nb

// Codecs of the VDL types that have a native form in C++: any, error, time.Time, time.Duration, time.WireDeadline.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/error.h>
#include <nb/vdl/any.h>
#include <nb/vdl/codec_containers.h>
#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/codec_scalars.h>
#include <nb/vdl/time.h>

namespace nb {

template <>
struct Codec<Any> {
  static Type type() { return Type::any(); }
  static bool is_zero(const Any& value) { return value.is_nil(); }
  template <class W>
  static void write(W& writer, const Any& value) {
    writer.any(value);
  }
  template <class R>
  static bool read(R& reader, Any& value) {
    return reader.any(value);
  }
};

namespace vdl {

// v.io/v23/vdl.WireError, as it travels.
struct WireError {
  std::string id;
  std::uint32_t retry = 0;
  std::string message;
  std::vector<Any> params;
};
WireError to_wire(const Error& error);
Error from_wire(WireError wire);  // an empty id becomes verror.Unknown

// struct { Seconds int64; Nanos int32 }
struct WireTime {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;

  template <class W>
  void write(W& writer) const {
    writer.begin_struct();
    if (seconds != 0) {
      writer.field(0);
      writer.signed_number(seconds);
    }
    if (nanos != 0) {
      writer.field(1);
      writer.signed_number(nanos);
    }
    writer.end_struct();
  }
  template <class R>
  bool read(R& reader) {
    *this = WireTime();
    if (!reader.begin_struct()) return false;
    while (true) {
      switch (reader.next_field()) {
        case 0:
          if (!Codec<std::int64_t>::read(reader, seconds)) return false;
          break;
        case 1:
          if (!Codec<std::int32_t>::read(reader, nanos)) return false;
          break;
        case R::kEnd:
          return reader.end();
        default:
          return false;
      }
    }
  }
};
WireTime to_wire(std::chrono::nanoseconds duration);
bool from_wire(const WireTime& wire, std::chrono::nanoseconds& duration);  // false: out of range

}  // namespace vdl

template <>
struct Codec<std::optional<Error>> {
  static Type type() { return Type::error(); }
  // An Error that is none counts as nullopt.
  static bool is_zero(const std::optional<Error>& value) { return !value || !*value; }
  template <class W>
  static void write(W& writer, const std::optional<Error>& value) {
    if (is_zero(value)) return writer.nil();
    writer.some();
    const vdl::WireError wire = vdl::to_wire(*value);
    writer.begin_struct();
    if (!wire.id.empty()) {
      writer.field(0);
      writer.string(wire.id);
    }
    if (wire.retry != 0) {
      writer.field(1);
      writer.enumeration(wire.retry);
    }
    if (!wire.message.empty()) {
      writer.field(2);
      writer.string(wire.message);
    }
    if (!wire.params.empty()) {
      writer.field(3);
      Codec<std::vector<Any>>::write(writer, wire.params);
    }
    writer.end_struct();
  }
  template <class R>
  static bool read(R& reader, std::optional<Error>& value) {
    bool present = false;
    value.reset();
    if (!reader.optional(present)) return false;
    if (!present) return true;
    vdl::WireError wire;
    if (!reader.charge(sizeof wire)) return false;
    if (!reader.begin_struct()) return false;
    while (true) {
      switch (reader.next_field()) {
        case 0:
          if (!reader.string(wire.id)) return false;
          break;
        case 1:
          if (!reader.enumeration(wire.retry)) return false;
          if (wire.retry > 3) return reader.fail("enum index out of range");
          break;
        case 2:
          if (!reader.string(wire.message)) return false;
          break;
        case 3:
          if (!Codec<std::vector<Any>>::read(reader, wire.params)) return false;
          break;
        case R::kEnd:
          value = vdl::from_wire(std::move(wire));
          return reader.end();
        default:
          return false;
      }
    }
  }
};

template <>
struct Codec<Time> {
  static Type type();
  static bool is_zero(const Time& value) { return value == Time(); }
  template <class W>
  static void write(W& writer, const Time& value) {
    vdl::WireTime{value.seconds(), value.nanos()}.write(writer);
  }
  template <class R>
  static bool read(R& reader, Time& value) {
    vdl::WireTime wire;
    if (!wire.read(reader)) return false;
    value = Time(wire.seconds, wire.nanos);
    return true;
  }
};

template <>
struct Codec<std::chrono::nanoseconds> {
  static Type type();
  static bool is_zero(const std::chrono::nanoseconds& value) { return value.count() == 0; }
  template <class W>
  static void write(W& writer, const std::chrono::nanoseconds& value) {
    vdl::to_wire(value).write(writer);
  }
  template <class R>
  static bool read(R& reader, std::chrono::nanoseconds& value) {
    vdl::WireTime wire;
    if (!wire.read(reader)) return false;
    return vdl::from_wire(wire, value) || reader.fail("duration out of range of 64-bit nanoseconds");
  }
};

template <>
struct Codec<Deadline> {
  static Type type();
  static bool is_zero(const Deadline& value) { return !value.has_value(); }
  template <class W>
  static void write(W& writer, const Deadline& value) {
    writer.begin_struct();
    if (value.has_value()) {
      writer.field(0);
      Codec<std::chrono::nanoseconds>::write(writer, value.left());
    }
    writer.end_struct();
  }
  template <class R>
  static bool read(R& reader, Deadline& value) {
    std::chrono::nanoseconds left{0};
    if (!reader.begin_struct()) return false;
    while (true) {
      switch (reader.next_field()) {
        case 0:
          if (!Codec<std::chrono::nanoseconds>::read(reader, left)) return false;
          break;
        case R::kEnd:
          value = left.count() == 0 ? Deadline() : Deadline::after(left);
          return reader.end();
        default:
          return false;
      }
    }
  }
};

}  // namespace nb

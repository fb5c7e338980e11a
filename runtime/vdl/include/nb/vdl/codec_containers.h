// Codecs of lists, arrays, sets, maps and optionals.
//
// Memory is never reserved for more elements than may sensibly follow: a count from outside is only an upper bound. All
// elements that are announced are charged to the reader first.
// Elements of kind byte are packed: one raw byte each.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/vdl/box.h>
#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/codec_scalars.h>
#include <nb/vdl/containers.h>
#include <nb/vdl/number.h>

namespace nb {

namespace vdl {

template <class T>
struct IsByte : std::is_same<T, std::uint8_t> {};
template <IsNumber T>
struct IsByte<T> : std::is_same<typename T::number_type, std::uint8_t> {};

// Bytes to make room for at once when so many elements are announced.
inline constexpr std::size_t kReserveBytes = 64 * 1024;
template <class T>
std::size_t reserve_count(std::size_t announced) {
  return std::min(announced, kReserveBytes / sizeof(T) + 1);
}

// Memory of a node of a tree besides what it holds, and of a block of its own.
inline constexpr std::size_t kNodeBytes = 48;
inline constexpr std::size_t kBlockBytes = 16;

}  // namespace vdl

template <class T>
struct Codec<std::vector<T>> {
  static Type type() {
    static const Type list = Type::list(Codec<T>::type());
    return list;
  }
  static bool is_zero(const std::vector<T>& value) { return value.empty(); }
  template <class W>
  static void write(W& writer, const std::vector<T>& value) {
    if constexpr (vdl::IsByte<T>::value) {
      static_assert(sizeof(T) == 1);
      writer.bytes(BytesView(reinterpret_cast<const std::uint8_t*>(value.data()), value.size()));
    } else {
      writer.begin_list(value.size());
      for (const auto& element : value) Codec<T>::write(writer, element);
      writer.end();
    }
  }
  template <class R>
  static bool read(R& reader, std::vector<T>& value) {
    if constexpr (std::is_same_v<T, std::uint8_t>) {
      return reader.bytes(value);
    } else if constexpr (vdl::IsByte<T>::value) {
      Bytes raw;
      if (!reader.bytes(raw)) return false;
      value.resize(raw.size());
      for (std::size_t i = 0; i < raw.size(); ++i) value[i] = T(raw[i]);
      return true;
    } else {
      std::size_t count = 0;
      value.clear();
      if (!reader.begin_list(count) || !reader.charge(count * sizeof(T))) return false;
      value.reserve(vdl::reserve_count<T>(count));
      for (std::size_t i = 0; i < count; ++i) {
        if constexpr (std::is_same_v<T, bool>) {
          bool element = false;
          if (!Codec<bool>::read(reader, element)) return false;
          value.push_back(element);
        } else {
          if (!Codec<T>::read(reader, value.emplace_back())) return false;
        }
      }
      return reader.end();
    }
  }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
  // Arrays have no unnamed form in VDL text, but types from outside may be such.
  static Type type();
  static bool is_zero(const std::array<T, N>& value) {
    return std::ranges::all_of(value, [](const T& element) { return Codec<T>::is_zero(element); });
  }
  template <class W>
  static void write(W& writer, const std::array<T, N>& value) {
    if constexpr (vdl::IsByte<T>::value) {
      static_assert(sizeof(T) == 1);
      writer.byte_array(BytesView(reinterpret_cast<const std::uint8_t*>(value.data()), N));
    } else {
      writer.begin_array(N);
      for (const auto& element : value) Codec<T>::write(writer, element);
      writer.end();
    }
  }
  template <class R>
  static bool read(R& reader, std::array<T, N>& value) {
    if constexpr (vdl::IsByte<T>::value) {
      std::array<std::uint8_t, N> raw;
      if (!reader.byte_array(raw)) return false;
      std::ranges::transform(raw, value.begin(), [](std::uint8_t byte) { return T(byte); });
      return true;
    } else {
      if (!reader.begin_array(N)) return false;
      for (auto& element : value) {
        if (!Codec<T>::read(reader, element)) return false;
      }
      return reader.end();
    }
  }
};

namespace vdl {
Type unnamed_array(std::uint64_t len, const Type& elem);
}
template <class T, std::size_t N>
Type Codec<std::array<T, N>>::type() {
  static const Type array = vdl::unnamed_array(N, Codec<T>::type());
  return array;
}

template <class K>
struct Codec<Set<K>> {
  static Type type() {
    static const Type set = Type::set(Codec<K>::type());
    return set;
  }
  static bool is_zero(const Set<K>& value) { return value.empty(); }
  template <class W>
  static void write(W& writer, const Set<K>& value) {
    writer.begin_set(value.size());
    for (const auto& key : value) Codec<K>::write(writer, key);
    writer.end();
  }
  // Keys that occur more than once collapse.
  template <class R>
  static bool read(R& reader, Set<K>& value) {
    std::size_t count = 0;
    value.clear();
    if (!reader.begin_set(count) || !reader.charge(count * (sizeof(K) + vdl::kNodeBytes))) return false;
    for (std::size_t i = 0; i < count; ++i) {
      K key{};
      if (!Codec<K>::read(reader, key)) return false;
      value.insert(std::move(key));
    }
    return reader.end();
  }
};

template <class K, class V>
struct Codec<Map<K, V>> {
  static Type type() {
    static const Type map = Type::map(Codec<K>::type(), Codec<V>::type());
    return map;
  }
  static bool is_zero(const Map<K, V>& value) { return value.empty(); }
  template <class W>
  static void write(W& writer, const Map<K, V>& value) {
    writer.begin_map(value.size());
    for (const auto& [key, element] : value) {
      Codec<K>::write(writer, key);
      Codec<V>::write(writer, element);
    }
    writer.end();
  }
  // Of keys that occur more than once the last one's element stays.
  template <class R>
  static bool read(R& reader, Map<K, V>& value) {
    std::size_t count = 0;
    value.clear();
    if (!reader.begin_map(count) || !reader.charge(count * (sizeof(K) + sizeof(V) + vdl::kNodeBytes))) return false;
    for (std::size_t i = 0; i < count; ++i) {
      K key{};
      if (!Codec<K>::read(reader, key)) return false;
      V element{};
      if (!Codec<V>::read(reader, element)) return false;
      value.insert_or_assign(std::move(key), std::move(element));
    }
    return reader.end();
  }
};

namespace vdl {

template <class Optional, class T>
struct OptionalCodec {
  static Type type() {
    static const Type optional = Type::optional(Codec<T>::type());
    return optional;
  }
  static bool is_zero(const Optional& value) { return !value.has_value(); }
  template <class W>
  static void write(W& writer, const Optional& value) {
    if (!value.has_value()) return writer.nil();
    writer.some();
    Codec<T>::write(writer, *value);
  }
  template <class R>
  static bool read(R& reader, Optional& value) {
    bool present = false;
    value.reset();
    if (!reader.optional(present)) return false;
    if (!present) return true;
    if constexpr (!std::is_same_v<Optional, std::optional<T>>) {
      if (!reader.charge(sizeof(T) + kBlockBytes)) return false;
    }
    return Codec<T>::read(reader, value.emplace());
  }
};

}  // namespace vdl

template <class T>
struct Codec<std::optional<T>> : vdl::OptionalCodec<std::optional<T>, T> {};
template <class T>
struct Codec<Box<T>> : vdl::OptionalCodec<Box<T>, T> {};

}  // namespace nb

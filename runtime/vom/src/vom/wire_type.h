// How types look on the wire (docs/spec/vom.md section 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/type.h>
#include <nb/vom/limits.h>

namespace nb::vom {

using TypeId = std::uint64_t;

inline constexpr TypeId kAnyId = 15;
inline constexpr TypeId kBytesId = 39;
inline constexpr TypeId kStringsId = 40;
inline constexpr TypeId kFirstUserId = 41;

std::optional<TypeId> built_in_id(const Type& type);
std::optional<Type> built_in_type(TypeId id);

// Do messages of this type carry the length of their body?
bool has_length(const Type& type);

// Index of the union wireType; not a kind.
enum class WireKind : std::uint32_t { kNamed, kEnum, kArray, kList, kSet, kMap, kStruct, kUnion, kOptional };

struct WireType {
  struct Field {
    std::string name;
    TypeId type = 0;
  };
  WireKind kind = WireKind::kNamed;
  std::string name;
  TypeId elem = 0;  // or the base of a named type
  TypeId key = 0;
  std::uint64_t len = 0;
  std::vector<std::string> labels;
  std::vector<Field> fields;

  template <class F>
  void each_part(F&& f) const {
    if (kind == WireKind::kSet || kind == WireKind::kMap) f(key);
    if (kind != WireKind::kSet && kind != WireKind::kEnum && kind != WireKind::kStruct && kind != WireKind::kUnion)
      f(elem);
    for (const auto& field : fields) f(field.type);
  }
};

void append_uvar(Bytes& out, std::uint64_t value);
void append_wire_type(Bytes& out, const WireType& type);

Result<WireType> parse_wire_type(BytesView body, const Limits& limits);

}  // namespace nb::vom

#include "check/extent.h"

#include <algorithm>
#include <limits>

namespace vdlc::passes {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

void include(Extent& whole, const Extent& part) {
  whole.weight = add_weight(whole.weight, part.weight);
  whole.depth = std::max(whole.depth, part.depth + 1);
}

}  // namespace

std::uint64_t add_weight(std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; }

std::uint64_t weight_of_text(std::size_t bytes) { return 1 + bytes / 64; }

Extent extent_of(const nb::Value& value) {
  Extent extent;
  switch (value.kind()) {
    case nb::Kind::kString:
      extent.weight = weight_of_text(value.as_string().size());
      break;
    case nb::Kind::kArray:
    case nb::Kind::kList:
      if (value.type().is_bytes()) {
        extent.weight = weight_of_text(value.size());
        break;
      }
      for (std::size_t i = 0; i < value.size(); ++i) include(extent, extent_of(value.at(i)));
      break;
    case nb::Kind::kSet:
    case nb::Kind::kMap:
      for (std::size_t i = 0; i < value.size(); ++i) {
        include(extent, extent_of(value.key_at(i)));
        if (value.kind() == nb::Kind::kMap) include(extent, extent_of(value.elem_at(i)));
      }
      break;
    case nb::Kind::kStruct:
      for (std::size_t i = 0; i < value.type().fields().size(); ++i) include(extent, extent_of(value.field(i)));
      break;
    case nb::Kind::kUnion:
      include(extent, extent_of(value.union_value()));
      break;
    case nb::Kind::kOptional:
    case nb::Kind::kAny:
      if (!value.is_nil()) include(extent, extent_of(value.elem()));
      break;
    case nb::Kind::kBool:
    case nb::Kind::kByte:
    case nb::Kind::kUint16:
    case nb::Kind::kUint32:
    case nb::Kind::kUint64:
    case nb::Kind::kInt8:
    case nb::Kind::kInt16:
    case nb::Kind::kInt32:
    case nb::Kind::kInt64:
    case nb::Kind::kFloat32:
    case nb::Kind::kFloat64:
    case nb::Kind::kEnum:
    case nb::Kind::kTypeObject:
      break;
  }
  return extent;
}

Extent ZeroExtents::of(const nb::Type& type) {
  const nb::Kind kind = type.kind();
  if (kind != nb::Kind::kArray && kind != nb::Kind::kStruct && kind != nb::Kind::kUnion) return {};
  if (const auto found = known_.find(type.node()); found != known_.end()) return found->second;
  Extent extent;
  if (type.is_bytes()) {
    extent.weight = weight_of_text(type.len());
  } else if (kind == nb::Kind::kArray) {
    const Extent elem = of(type.elem());
    extent.weight = elem.weight > kMost / type.len() ? kMost : elem.weight * type.len();
    extent.depth = elem.depth + 1;
  } else if (kind == nb::Kind::kStruct) {
    for (const auto& field : type.fields()) include(extent, of(field.type));
  } else {
    include(extent, of(type.fields()[0].type));
  }
  known_.emplace(type.node(), extent);
  return extent;
}

std::uint64_t ZeroExtents::weight_converted(const nb::Value& value, const nb::Type& target) {
  const nb::Kind kind = value.kind();
  if (kind == nb::Kind::kOptional || kind == nb::Kind::kAny) {
    return value.is_nil() ? 1 : add_weight(1, weight_converted(value.elem(), target));
  }
  if (target.kind() == nb::Kind::kOptional) return add_weight(1, weight_converted(value, target.elem()));
  std::uint64_t weight = 1;
  if (kind == nb::Kind::kStruct && target.kind() == nb::Kind::kStruct) {
    for (const auto& field : target.fields()) {
      const int source = value.type().field_index(field.name);
      weight =
          add_weight(weight, source < 0 ? of(field.type).weight
                                        : weight_converted(value.field(static_cast<std::size_t>(source)), field.type));
    }
    return weight;
  }
  const auto is_sequence = [](nb::Kind k) { return k == nb::Kind::kList || k == nb::Kind::kArray; };
  if (is_sequence(kind) && is_sequence(target.kind()) && !value.type().is_bytes()) {
    const nb::Type elem = target.elem();
    for (std::size_t i = 0; i < value.size(); ++i) weight = add_weight(weight, weight_converted(value.at(i), elem));
    return weight;
  }
  if (kind == nb::Kind::kMap && target.kind() == nb::Kind::kMap) {
    const nb::Type elem = target.elem();
    for (std::size_t i = 0; i < value.size(); ++i) {
      weight = add_weight(weight, weight_converted(value.elem_at(i), elem));
      weight = add_weight(weight, weight_converted(value.key_at(i), target.key()));
    }
    return weight;
  }
  if (kind == nb::Kind::kSet && target.kind() == nb::Kind::kSet) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      weight = add_weight(weight, weight_converted(value.key_at(i), target.key()));
    }
    return weight;
  }
  if (kind == nb::Kind::kUnion && target.kind() == nb::Kind::kUnion) {
    const auto& name = value.type().fields()[value.union_index()].name;
    const int field = target.field_index(name);
    if (field < 0) return 1;
    return add_weight(1, weight_converted(value.union_value(), target.fields()[static_cast<std::size_t>(field)].type));
  }
  return extent_of(value).weight;
}

}  // namespace vdlc::passes

#include "vdl/type_check.h"

#include <limits>
#include <string_view>
#include <unordered_set>

namespace nb::vdl {

namespace {

std::string name_fault(std::string_view what, std::string_view name, const TypeLimits& limits,
                       std::unordered_set<std::string_view>& seen) {
  if (name.empty()) return std::string("has a ").append(what).append(" without a name");
  if (name.size() > limits.max_name_bytes) return std::string("has a ").append(what).append(" with too long a name");
  // Such names would make the unique strings of different types equal (docs/spec/vom.md 10.2).
  if (name.find_first_of(" \t\n\r;{}") != std::string_view::npos) {
    return std::string("has a ").append(what).append(" `").append(name).append("` with a forbidden character");
  }
  if (!seen.insert(name).second)
    return std::string("has the ").append(what).append(" `").append(name).append("` twice");
  return "";
}

}  // namespace

std::string own_fault(const TypeDraft& draft, const TypeLimits& limits) {
  if (draft.name.size() > limits.max_name_bytes) return "has too long a name";
  if (draft.name.find_first_of(" \t\n\r;{}") != std::string::npos) return "has a name with a forbidden character";
  if (draft.fields.size() > limits.max_fields) return "has too many fields";
  if (draft.labels.size() > limits.max_fields) return "has too many labels";
  std::unordered_set<std::string_view> seen;
  switch (draft.kind) {
    case Kind::kAny:
    case Kind::kTypeObject:
      return "gives a name to `" + std::string(to_string(draft.kind)) + "`, which must stay unnamed";
    case Kind::kOptional:
      if (!draft.name.empty()) return "is a named optional, which must stay unnamed";
      return "";
    case Kind::kArray:
      if (draft.len == 0) return "is an array of length 0";
      if (draft.len > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return "is too long an array";
      return "";
    case Kind::kEnum:
      if (draft.labels.empty()) return "is an enum without labels";
      for (const auto& label : draft.labels) {
        if (auto fault = name_fault("label", label, limits, seen); !fault.empty()) return fault;
      }
      return "";
    case Kind::kUnion:
      if (draft.fields.empty()) return "is a union without fields";
      [[fallthrough]];
    case Kind::kStruct:
      for (const auto& field : draft.fields) {
        if (auto fault = name_fault("field", field.name, limits, seen); !fault.empty()) return fault;
      }
      return "";
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kBool:
    case Kind::kByte:
    case Kind::kUint16:
    case Kind::kUint32:
    case Kind::kUint64:
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
    case Kind::kFloat32:
    case Kind::kFloat64:
    case Kind::kString:
      return "";
  }
  return "";
}

std::string call(const TypeDraft& draft) {
  if (!draft.name.empty()) return "type `" + draft.name + "`";
  return "an unnamed " + std::string(to_string(draft.kind));
}

}  // namespace nb::vdl

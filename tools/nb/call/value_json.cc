#include "call/value_json.h"

#include <cmath>

#include "model/print.h"
#include "security/base64.h"

namespace tool {
namespace {

constexpr int kDeepest = 200;

Json json_at(const nb::Value& value, int depth);

Json items_json(const nb::Value& value, int depth) {
  Json items = Json::array();
  for (std::size_t i = 0; i < value.size(); ++i) items.push_back(json_at(value.item(i), depth));
  return items;
}

Json map_json(const nb::Value& value, int depth) {
  const bool by_text = value.type().key().kind() == nb::Kind::kString;
  Json entries = by_text ? Json::object() : Json::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    Json entry = json_at(value.map_item(i), depth);
    if (by_text) {
      entries[value.item(i).as_string()] = std::move(entry);
    } else {
      entries.push_back(Json::array({json_at(value.item(i), depth), std::move(entry)}));
    }
  }
  return entries;
}

Json struct_json(const nb::Value& value, int depth) {
  Json members = Json::object();
  const auto fields = value.type().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) members[fields[i].name] = json_at(value.field(i), depth);
  return members;
}

Json number_json(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  return number;
}

Json json_at(const nb::Value& value, int depth) {
  if (depth > kDeepest) return "...";
  switch (value.kind()) {
    case nb::Kind::kBool:
      return value.as_bool();
    case nb::Kind::kByte:
    case nb::Kind::kUint16:
    case nb::Kind::kUint32:
    case nb::Kind::kUint64:
      return value.as_unsigned();
    case nb::Kind::kInt8:
    case nb::Kind::kInt16:
    case nb::Kind::kInt32:
    case nb::Kind::kInt64:
      return value.as_signed();
    case nb::Kind::kFloat32:
    case nb::Kind::kFloat64:
      return number_json(value.as_float());
    case nb::Kind::kString:
      return value.as_string();
    case nb::Kind::kEnum:
      return std::string(value.label());
    case nb::Kind::kTypeObject:
      return vdlc::model::spell(value.as_type());
    case nb::Kind::kArray:
    case nb::Kind::kList:
      return value.type().is_bytes() ? Json(nb::security::to_base64url(value.as_bytes()))
                                     : items_json(value, depth + 1);
    case nb::Kind::kSet:
      return items_json(value, depth + 1);
    case nb::Kind::kMap:
      return map_json(value, depth + 1);
    case nb::Kind::kStruct:
      return struct_json(value, depth + 1);
    case nb::Kind::kUnion:
      return Json{{value.type().fields()[value.union_index()].name, json_at(value.union_value(), depth + 1)}};
    case nb::Kind::kOptional:
    case nb::Kind::kAny:
      return value.is_nil() ? Json(nullptr) : json_at(value.elem(), depth + 1);
  }
  return nullptr;
}

}  // namespace

Json value_json(const nb::Value& value) { return json_at(value, 0); }

}  // namespace tool

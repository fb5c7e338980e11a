#include "describe/values.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codegen/cpp/literals.h"

namespace vdlc {
namespace {

using nb::Kind;
using nlohmann::json;

std::string hex(nb::BytesView bytes) {
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool is_unicode(std::string_view text) {
  while (!text.empty()) {
    const auto next = cpp::next_code_point(text);
    if (!next.valid) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

json describe_elements(const nb::Value& value) {
  json elements = json::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.kind() == Kind::kMap) {
      elements.push_back({{"key", describe_value(value.key_at(i))}, {"value", describe_value(value.elem_at(i))}});
    } else {
      elements.push_back(describe_value(value.kind() == Kind::kSet ? value.key_at(i) : value.at(i)));
    }
  }
  return elements;
}

json describe_fields(const nb::Value& value) {
  json fields = json::array();
  for (std::size_t i = 0; i < value.type().fields().size(); ++i) {
    fields.push_back({{"name", value.type().fields()[i].name}, {"value", describe_value(value.field(i))}});
  }
  return fields;
}

}  // namespace

json describe_text(std::string_view text) {
  if (is_unicode(text)) return std::string(text);
  return {{"hex", hex(nb::as_bytes(text))}};
}

json describe_type_use(const nb::Type& type) {
  if (!type.name().empty()) return {{"kind", "named"}, {"name", type.name()}};
  if (type == nb::Type::error()) return {{"kind", "error"}};
  return describe_structure(type);
}

json describe_structure(const nb::Type& type) {
  json result = {{"kind", nb::to_string(type.kind())}};
  switch (type.kind()) {
    case Kind::kEnum:
      result["labels"] = std::vector<std::string>(type.labels().begin(), type.labels().end());
      break;
    case Kind::kArray:
      result["length"] = type.len();
      result["elem"] = describe_type_use(type.elem());
      break;
    case Kind::kList:
    case Kind::kOptional:
      result["elem"] = describe_type_use(type.elem());
      break;
    case Kind::kMap:
      result["elem"] = describe_type_use(type.elem());
      result["key"] = describe_type_use(type.key());
      break;
    case Kind::kSet:
      result["key"] = describe_type_use(type.key());
      break;
    default:
      break;
  }
  return result;
}

json describe_value(const nb::Value& value) {
  json result = {{"type", describe_type_use(value.type())}};
  switch (value.kind()) {
    case Kind::kBool:
      result["bool"] = value.as_bool();
      break;
    case Kind::kByte:
    case Kind::kUint16:
    case Kind::kUint32:
    case Kind::kUint64:
      result["number"] = value.as_unsigned();
      break;
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
      result["number"] = value.as_signed();
      break;
    case Kind::kFloat32:
    case Kind::kFloat64:
      result["number"] = value.as_float();
      break;
    case Kind::kString:
      result["text"] = describe_text(value.as_string());
      break;
    case Kind::kEnum:
      result["label"] = value.label();
      break;
    case Kind::kTypeObject:
      result["typeobject"] = describe_type_use(value.as_type());
      break;
    case Kind::kArray:
    case Kind::kList:
      if (value.type().is_bytes()) {
        result["bytes"] = hex(value.as_bytes());
        break;
      }
      [[fallthrough]];
    case Kind::kSet:
    case Kind::kMap:
      result["elements"] = describe_elements(value);
      break;
    case Kind::kStruct:
      result["fields"] = describe_fields(value);
      break;
    case Kind::kUnion:
      result["field"] = value.type().fields()[value.union_index()].name;
      result["value"] = describe_value(value.union_value());
      break;
    case Kind::kOptional:
    case Kind::kAny:
      result["value"] = value.is_nil() ? json(nullptr) : describe_value(value.elem());
      break;
  }
  return result;
}

}  // namespace vdlc

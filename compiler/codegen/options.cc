#include "codegen/options.h"

#include <string_view>

namespace vdlc {
namespace {

// Which C++ type a Cpp.WireToNativeTypes entry names.
CppNativeType native_type_of(const nb::Value& entry) {
  CppNativeType native;
  const auto text = [&](std::string_view field) {
    const int at = entry.type().field_index(field);
    return at < 0 ? std::string() : entry.field(static_cast<std::size_t>(at)).as_string();
  };
  native.type = text("Type");
  native.header = text("Header");
  return native;
}

}  // namespace

CppConfig cpp_config(const nb::Value& config) {
  CppConfig result;
  const auto field = [](const nb::Value& value, std::string_view name) -> const nb::Value* {
    if (value.kind() != nb::Kind::kStruct) return nullptr;
    const int at = value.type().field_index(name);
    return at < 0 ? nullptr : &value.field(static_cast<std::size_t>(at));
  };
  const nb::Value* cpp = field(config, "Cpp");
  if (cpp == nullptr) return result;
  if (const auto* name_space = field(*cpp, "Namespace")) result.name_space = name_space->as_string();
  if (const auto* natives = field(*cpp, "WireToNativeTypes")) {
    for (std::size_t i = 0; i < natives->size(); ++i) {
      result.native_types.emplace(natives->key_at(i).as_string(), native_type_of(natives->elem_at(i)));
    }
  }
  return result;
}

}  // namespace vdlc

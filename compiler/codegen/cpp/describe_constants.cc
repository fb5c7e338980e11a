#include <nlohmann/json.hpp>

#include "codegen/cpp/describe_cpp.h"
#include "codegen/cpp/docs.h"
#include "codegen/cpp/literals.h"
#include "codegen/cpp/names.h"
#include "codegen/cpp/spell.h"
#include "codegen/cpp/values.h"
#include "codegen/cpp/wrap.h"

namespace vdlc::cpp {
namespace {

using nlohmann::json;

json describe_constant(const Context& context, const model::ConstDef& def, Speller& header, Speller& source) {
  json result = {{"name", spell_name(def.name, Place::kPackage)},
                 {"docs", doc_lines(def.docs)},
                 {"is_constexpr", is_constexpr(def.value)},
                 {"is_encoded", false}};
  if (!is_constexpr(def.value)) {
    result["type"] = header.type(def.value.type());
    if (wants_bytes(def.value, source)) {
      source.include("<nb/vom/vom.h>");
      result["is_encoded"] = true;
      result["bytes"] = value_bytes(def.value);
      return result;
    }
    const std::size_t column =
        sizeof("  static const  value = ;") + result["type"].get_ref<const std::string&>().size();
    result["value"] = wrap(value_expression(def.value, source, def.span, context.diagnostics), column, 2);
  } else if (def.value.kind() == nb::Kind::kString) {
    header.include("<string_view>");
    result["type"] = "std::string_view";
    result["value"] = string_expression(def.value.as_string(), "std::string_view");
  } else {
    result["type"] = header.type(def.value.type());
    result["value"] = value_expression(def.value, header, def.span, context.diagnostics);
  }
  return result;
}

// Messages are made in English: of "en-US", "en" or any other English; the other formats are for a catalogue.
std::string_view english_format(const model::ErrorDef& def) {
  for (const std::string_view language : {"en-US", "en"}) {
    for (const auto& format : def.formats) {
      if (format.language == language) return format.format;
    }
  }
  for (const auto& format : def.formats) {
    if (format.language.starts_with("en-")) return format.format;
  }
  return "";
}

}  // namespace

json describe_constants(const Context& context, Speller& header, Speller& source) {
  json result = json::array();
  for (const auto& def : context.package.consts) result.push_back(describe_constant(context, def, header, source));
  return result;
}

json describe_errors(const Context& context, Speller& header) {
  json result = json::array();
  for (const auto& def : context.package.errors) {
    json params = json::array();
    for (const auto& param : def.params) {
      params.push_back({{"name", string_literal(param.name)}, {"type", header.type(param.type.type)}});
    }
    result.push_back({{"name", spell_name(def.name, Place::kPackage)},
                      {"docs", doc_lines(def.docs)},
                      {"id", string_literal(def.id)},
                      {"action", "::nb::" + def.action},
                      {"format", string_expression(english_format(def), "std::string_view")},
                      {"params", params},
                      {"has_params", !def.params.empty()}});
  }
  return result;
}

}  // namespace vdlc::cpp

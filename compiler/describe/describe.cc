#include "describe/describe.h"

#include <nlohmann/json.hpp>

#include "codegen/cpp/describe_cpp.h"
#include "describe/values.h"

namespace vdlc {
namespace {

using nlohmann::json;

// Raised whenever a member changes its meaning or goes; new members do not count.
constexpr int kFormat = 1;

json describe_docs(const model::Docs& docs) { return {{"leading", docs.leading}, {"suffix", docs.suffix}}; }

json describe_fields(const model::TypeDef& def) {
  json fields = json::array();
  for (std::size_t i = 0; i < def.type.fields().size(); ++i) {
    const nb::TypeField& field = def.type.fields()[i];
    const model::Docs docs = i < def.fields.size() ? def.fields[i].docs : model::Docs();
    fields.push_back({{"name", field.name}, {"type", describe_type_use(field.type)}, {"docs", describe_docs(docs)}});
  }
  return fields;
}

json describe_type(const model::TypeDef& def) {
  json labels_docs = json::array();
  for (const auto& docs : def.label_docs) labels_docs.push_back(describe_docs(docs));
  const nb::Kind kind = def.type.kind();
  json type = describe_structure(def.type);
  type["name"] = def.name;
  type["full_name"] = def.type.name();
  type["type_string"] = def.type.to_string();
  type["docs"] = describe_docs(def.docs);
  type["exported"] = def.exported;
  type["base"] = def.base ? describe_type_use(def.base->type) : json(nullptr);
  if (kind == nb::Kind::kStruct || kind == nb::Kind::kUnion) type["fields"] = describe_fields(def);
  if (kind == nb::Kind::kEnum) type["label_docs"] = labels_docs;
  return type;
}

json describe_const(const model::ConstDef& def) {
  return {{"name", def.name},
          {"value", describe_value(def.value)},
          {"docs", describe_docs(def.docs)},
          {"exported", def.exported}};
}

json describe_args(const std::vector<model::Arg>& args) {
  json result = json::array();
  for (const auto& arg : args) result.push_back({{"name", arg.name}, {"type", describe_type_use(arg.type.type)}});
  return result;
}

json describe_error(const model::ErrorDef& def) {
  json formats = json::array();
  for (const auto& format : def.formats) {
    formats.push_back({{"language", describe_text(format.language)}, {"format", describe_text(format.format)}});
  }
  return {{"name", def.name},        {"id", def.id},
          {"action", def.action},    {"params", describe_args(def.params)},
          {"formats", formats},      {"docs", describe_docs(def.docs)},
          {"exported", def.exported}};
}

json describe_method(const model::Method& method) {
  const auto stream = [](const std::optional<model::TypeRef>& item) {
    return item ? describe_type_use(item->type) : json(nullptr);
  };
  json tags = json::array();
  for (const auto& tag : method.tags) tags.push_back(describe_value(tag));
  return {{"name", method.name},
          {"in_args", describe_args(method.in_args)},
          {"out_args", describe_args(method.out_args)},
          {"in_stream", stream(method.in_stream)},
          {"out_stream", stream(method.out_stream)},
          {"tags", tags},
          {"docs", describe_docs(method.docs)}};
}

json describe_interface(const model::Interface& interface) {
  json embeds = json::array(), methods = json::array();
  for (const auto& embed : interface.embeds) embeds.push_back({{"package", embed.package}, {"name", embed.name}});
  for (const auto& method : interface.methods) methods.push_back(describe_method(method));
  return {{"name", interface.name},
          {"embeds", embeds},
          {"methods", methods},
          {"docs", describe_docs(interface.docs)},
          {"exported", interface.exported}};
}

template <class Definitions, class Describe>
json each(const Definitions& definitions, Describe describe) {
  json result = json::array();
  for (const auto& definition : definitions) result.push_back(describe(definition));
  return result;
}

}  // namespace

json describe(const model::Package& package, const model::Program& program, const BackEndOptions& options,
              Diagnostics& diagnostics) {
  json document = {{"format", kFormat}};
  document["package"] = {{"path", package.path},
                         {"name", package.name},
                         {"generation_path", package.gen_path},
                         {"file_doc", package.file_doc},
                         {"docs", describe_docs(package.docs)},
                         {"imports", package.imports},
                         {"types", each(package.types, describe_type)},
                         {"consts", each(package.consts, describe_const)},
                         {"errors", each(package.errors, describe_error)},
                         {"interfaces", each(package.interfaces, describe_interface)}};
  if (options.language == "cpp") document["cpp"] = cpp::describe_cpp(package, program, options, diagnostics);
  return document;
}

}  // namespace vdlc

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codegen/cpp/describe_cpp.h"
#include "codegen/cpp/docs.h"
#include "codegen/cpp/literals.h"
#include "codegen/cpp/names.h"
#include "codegen/cpp/native.h"
#include "codegen/cpp/spell.h"
#include "codegen/cpp/wrap.h"

namespace vdlc::cpp {
namespace {

using nb::Kind;
using nlohmann::json;

// Which template prints the type.
std::string_view form_of(Kind kind) {
  if (is_number(kind)) return "number";
  switch (kind) {
    case Kind::kEnum:
      return "enum";
    case Kind::kStruct:
      return "struct";
    case Kind::kUnion:
      return "union";
    case Kind::kArray:
      return "array";
    default:
      return "named";  // string, list, set, map
  }
}

// The name under which a base class inherits its constructors: `using std::vector<int>::vector;`.
std::string_view constructor_of(const nb::Type& type) {
  switch (type.kind()) {
    case Kind::kSet:
      return "Set";
    case Kind::kMap:
      return "Map";
    case Kind::kList:
      return type.elem() == nb::Type::byte() ? "Bytes" : "vector";
    default:
      return "string";
  }
}

json describe_labels(const Context& context, const model::TypeDef& def) {
  NameScope scope(context.diagnostics);
  json labels = json::array();
  for (std::size_t i = 0; i < def.type.labels().size(); ++i) {
    const std::string& label = def.type.labels()[i];
    const std::string name = spell_name(label, Place::kInside);
    scope.add(name, "label `" + label + "`", def.span);
    labels.push_back({{"name", name},
                      {"text", string_literal(label)},
                      {"docs", i < def.label_docs.size() ? doc_lines(def.label_docs[i]) : std::vector<std::string>()}});
  }
  return labels;
}

// What the type's template uses besides the types of its parts.
void include_for(std::string_view form, const model::TypeDef& def, Speller& header) {
  const auto include = [&](std::initializer_list<const char*> lines) {
    for (const char* line : lines) header.include(line);
  };
  if (form == "number") include({"<nb/vdl/number.h>"});
  if (form == "named") include({"<utility>"});
  if (form == "array") include({"<type_traits>", "<utility>"});
  if (form == "enum") include({"<cstdint>", "<optional>", "<string_view>"});
  if (form == "struct" && !def.type.fields().empty()) include({"<utility>"});
  if (form == "union") include({"<cstddef>", "<nb/vdl/overload.h>", "<utility>", "<variant>"});
  if (def.type.can_be_key() && (form == "struct" || form == "union")) include({"<compare>"});
}

std::vector<Member> members_of(const model::TypeDef& def, const std::set<std::string>& incomplete, Speller& speller) {
  std::vector<Member> members;
  const auto fields = def.type.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    members.push_back({fields[i].name, fields[i].type, speller.type(fields[i].type, incomplete),
                       i < def.fields.size() ? def.fields[i].docs : model::Docs()});
  }
  return members;
}

std::string member_text(const json& member, const char* key) { return member[key].get<std::string>(); }

// What the variant of a union holds.
std::string alternatives_text(const json& fields) {
  constexpr std::size_t kColumn = sizeof("  std::variant<> field_;");
  std::vector<std::string> names;
  for (const json& field : fields) names.push_back(member_text(field, "name"));
  return list_parts(names, kColumn, 6);
}

json describe_type(const Context& context, std::size_t at, Speller& header) {
  const model::TypeDef& def = *context.layout.order[at];
  const std::set<std::string> incomplete = incomplete_at(context.layout, at);
  const std::string name = spell_name(def.name, Place::kPackage);
  const std::string_view form = form_of(def.type.kind());
  json type = {{"name", name},
               {"rooted", context.root + "::" + name},
               {"vdl_name", def.type.name()},
               {"docs", doc_lines(def.docs)},
               {"row", at},
               {"is_open", is_open_at(context.layout, at)},
               {"is_recursive", is_recursive_at(context.layout, at)},
               {"is_ordered", def.type.can_be_key()}};
  for (const std::string_view each : {"number", "enum", "struct", "union", "array", "named"}) {
    type["is_" + std::string(each)] = form == each;
  }
  type["is_coded"] = form == "struct" || form == "union";
  include_for(form, def, header);
  if (form == "enum") {
    type["codec_base"] = fmt::format("EnumCodec<{}, {}>", context.root + "::" + name, def.type.labels().size());
    type["labels"] = describe_labels(context, def);
  } else if (form == "struct" || form == "union") {
    type["fields"] = describe_members(context, name, members_of(def, incomplete, header), def.span);
    type["has_fields"] = !def.type.fields().empty();
    type["has_one_field"] = def.type.fields().size() == 1;
    type["constructor"] = constructor_text(name, type["fields"]);
    type["initializers"] = initializers_text(type["fields"]);
    if (form == "union") {
      type["alternatives"] = alternatives_text(type["fields"]);
      type["first_field"] = type["fields"][0]["name"];
      type["first_type"] = type["fields"][0]["type"];
    }
  } else {
    type["base"] = header.structure(def.type, incomplete);
    type["codec_base"] =
        fmt::format("NamedCodec<{}, {}>", context.root + "::" + name, type["base"].get_ref<const std::string&>());
    if (form == "named") type["base_constructor"] = constructor_of(def.type);
    if (form == "array") {
      type["element"] = header.type(def.type.elem(), incomplete);
      type["length"] = def.type.len();
      type["has_one_element"] = def.type.len() == 1;
    }
  }
  return type;
}

// Is a member of the type of any value at all unless it is set? Native types may be of any sort.
bool needs_initializer(const Context& context, const nb::Type& type) {
  if (is_number(type.kind())) return type.name().empty();
  return type.kind() == Kind::kEnum || (!type.name().empty() && native_type(type.name(), context.options));
}

}  // namespace

json describe_members(const Context& context, const std::string& class_name, const std::vector<Member>& members,
                      Span at) {
  NameScope scope(context.diagnostics);
  std::set<std::string> taken = context.variables;
  for (const Member& member : members) {
    const std::string name = spell_member(member.name, class_name);
    scope.add(name, "field `" + member.name + "`", at);
    taken.insert(name);
  }
  json result = json::array();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& member = members[i];
    const std::string name = spell_member(member.name, class_name);
    const std::string parameter = unlike(with_ending(name), taken);
    taken.insert(parameter);
    result.push_back({{"name", name},
                      {"index", i},
                      {"type", member.cpp_type},
                      {"initializer", needs_initializer(context, member.type) ? "{}" : ""},
                      {"docs", doc_lines(member.docs)},
                      {"parameter", parameter},
                      {"moved_parameter", is_scalar(member.type) ? parameter : "std::move(" + parameter + ")"},
                      {"moved_value", is_scalar(member.type) ? "value_" : "std::move(value_)"}});
  }
  return result;
}

std::string constructor_text(const std::string& class_name, const json& members) {
  constexpr std::size_t kColumn = sizeof("  explicit ;");
  std::string text;
  for (const json& member : members) {
    text += (text.empty() ? "" : ", ") + member_text(member, "type") + ' ' + member_text(member, "parameter");
  }
  return wrap(class_name + '(' + text + ')', kColumn, 2);
}

std::string initializers_text(const json& members) {
  constexpr std::size_t kColumn = sizeof("      :  {}");
  std::vector<std::string> parts;
  for (const json& member : members) {
    parts.push_back(member_text(member, "name") + '(' + member_text(member, "moved_parameter") + ')');
  }
  return list_parts(parts, kColumn, 8);
}

json describe_types(const Context& context, Speller& header) {
  json types = json::array();
  for (std::size_t i = 0; i < context.layout.order.size(); ++i) types.push_back(describe_type(context, i, header));
  return types;
}

}  // namespace vdlc::cpp

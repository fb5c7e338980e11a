#include "call/signature_text.h"

#include <vector>

#include "call/literals.h"
#include "model/print.h"
#include "words/lists.h"

namespace tool {
namespace {

using ::vdl::signature::Arg;
using vdlc::model::spell;

// Each line a comment, whatever the server wrote.
std::string comment(const std::string& doc, const std::string& indent) {
  std::string text;
  if (doc.empty()) return text;
  for (const std::string& line : split(doc, '\n')) {
    if (line.empty() && text.empty()) continue;
    const bool is_comment = line.find_first_not_of(" \t") != std::string::npos &&
                            std::string_view(line).substr(line.find_first_not_of(" \t")).starts_with("//");
    text += indent +
            (is_comment     ? line.substr(line.find_first_not_of(" \t"))
             : line.empty() ? "//"
                            : "// " + line) +
            "\n";
  }
  return text;
}

std::string qualified(const std::string& package, const std::string& name) {
  return package.empty() ? name : package + "." + name;
}

std::string arguments_text(const std::vector<Arg>& arguments) {
  std::vector<std::string> texts;
  for (const Arg& each : arguments) texts.push_back((each.Name.empty() ? "" : each.Name + " ") + spell(each.Type));
  std::string text;
  for (const std::string& each : texts) text += (text.empty() ? "" : ", ") + each;
  return text;
}

// What a named type stands for.
std::string definition_of(const nb::Type& type) {
  const auto block = [](const std::vector<std::string>& lines) {
    if (lines.empty()) return std::string(" {}");
    std::string text = " {\n";
    for (const std::string& each : lines) text += "  " + each + "\n";
    return text + "}";
  };
  switch (type.kind()) {
    case nb::Kind::kEnum:
      return "enum" + block({type.labels().begin(), type.labels().end()});
    case nb::Kind::kStruct:
    case nb::Kind::kUnion: {
      std::vector<std::string> lines;
      for (const auto& field : type.fields()) lines.push_back(field.name + " " + spell(field.type));
      return std::string(nb::to_string(type.kind())) + block(lines);
    }
    case nb::Kind::kArray:
      return "[" + std::to_string(type.len()) + "]" + spell(type.elem());
    case nb::Kind::kList:
      return "[]" + spell(type.elem());
    case nb::Kind::kSet:
      return "set[" + spell(type.key()) + "]";
    case nb::Kind::kMap:
      return "map[" + spell(type.key()) + "]" + spell(type.elem());
    case nb::Kind::kOptional:
      return "?" + spell(type.elem());
    default:
      return std::string(nb::to_string(type.kind()));
  }
}

void add_types(const nb::MethodSignature& method, std::vector<nb::Type>& types) {
  for (const Arg& each : method.InArgs) types.push_back(each.Type);
  for (const Arg& each : method.OutArgs) types.push_back(each.Type);
  if (method.InStream) types.push_back(method.InStream->Type);
  if (method.OutStream) types.push_back(method.OutStream->Type);
  for (const nb::Any& each : method.Tags) types.push_back(each.type());
}

std::string definitions_text(const std::vector<nb::Type>& types) {
  std::string text;
  for (const nb::Type& each : named_types(types)) {
    text += "\ntype " + std::string(each.name()) + " " + definition_of(each) + "\n";
  }
  return text;
}

Json definitions_json(const std::vector<nb::Type>& types) {
  Json definitions = Json::object();
  for (const nb::Type& each : named_types(types)) definitions[std::string(each.name())] = definition_of(each);
  return definitions;
}

Json argument_json(const Arg& argument) {
  return Json{{"name", argument.Name}, {"doc", argument.Doc}, {"type", spell(argument.Type)}};
}

Json method_json(const nb::MethodSignature& method) {
  Json in = Json::array(), out = Json::array(), tags = Json::array();
  for (const Arg& each : method.InArgs) in.push_back(argument_json(each));
  for (const Arg& each : method.OutArgs) out.push_back(argument_json(each));
  for (const nb::Any& each : method.Tags) tags.push_back(each.to_string());
  return Json{{"name", method.Name},
              {"doc", method.Doc},
              {"in", std::move(in)},
              {"out", std::move(out)},
              {"inStream", method.InStream ? argument_json(*method.InStream) : Json(nullptr)},
              {"outStream", method.OutStream ? argument_json(*method.OutStream) : Json(nullptr)},
              {"tags", std::move(tags)}};
}

}  // namespace

std::string method_line(const nb::MethodSignature& method) {
  std::string text = method.Name + "(" + arguments_text(method.InArgs) + ")";
  if (method.InStream || method.OutStream) {
    text += " stream<" + (method.InStream ? spell(method.InStream->Type) : "_");
    if (method.OutStream) text += ", " + spell(method.OutStream->Type);
    text += ">";
  }
  text += method.OutArgs.empty() ? " error" : " (" + arguments_text(method.OutArgs) + " | error)";
  std::string tags;
  for (const nb::Any& each : method.Tags) tags += (tags.empty() ? "" : ", ") + each.to_string();
  return tags.empty() ? text : text + " {" + tags + "}";
}

std::string signature_text(std::span<const nb::InterfaceSignature> interfaces) {
  std::string text;
  std::vector<nb::Type> types;
  for (const nb::InterfaceSignature& interface : interfaces) {
    if (!text.empty()) text += "\n";
    text += comment(interface.Doc, "") + "type " + qualified(interface.PkgPath, interface.Name) + " interface {\n";
    for (const auto& each : interface.Embeds) {
      text += comment(each.Doc, "  ") + "  " + qualified(each.PkgPath, each.Name) + "\n";
    }
    for (const nb::MethodSignature& each : interface.Methods) {
      text += comment(each.Doc, "  ") + "  " + method_line(each) + "\n";
      add_types(each, types);
    }
    text += "}\n";
  }
  return text + definitions_text(types);
}

std::string signature_text(const nb::MethodSignature& method) {
  std::vector<nb::Type> types;
  add_types(method, types);
  return comment(method.Doc, "") + method_line(method) + "\n" + definitions_text(types);
}

Json signature_json(std::span<const nb::InterfaceSignature> interfaces) {
  Json list = Json::array();
  std::vector<nb::Type> types;
  for (const nb::InterfaceSignature& interface : interfaces) {
    Json embeds = Json::array(), methods = Json::array();
    for (const auto& each : interface.Embeds) {
      embeds.push_back(Json{{"name", each.Name}, {"package", each.PkgPath}, {"doc", each.Doc}});
    }
    for (const nb::MethodSignature& each : interface.Methods) {
      methods.push_back(method_json(each));
      add_types(each, types);
    }
    list.push_back(Json{{"name", interface.Name},
                        {"package", interface.PkgPath},
                        {"doc", interface.Doc},
                        {"embeds", std::move(embeds)},
                        {"methods", std::move(methods)}});
  }
  return Json{{"interfaces", std::move(list)}, {"types", definitions_json(types)}};
}

Json signature_json(const nb::MethodSignature& method) {
  std::vector<nb::Type> types;
  add_types(method, types);
  return Json{{"method", method_json(method)}, {"types", definitions_json(types)}};
}

}  // namespace tool

#include "model/print.h"

namespace vdlc::model {
namespace {

std::string spell_args(const std::vector<Arg>& args) {
  std::string text;
  for (const auto& arg : args) {
    if (!text.empty()) text += ", ";
    if (!arg.name.empty()) text += arg.name + ' ';
    text += spell(arg.type.type);
  }
  return text;
}

std::string spell_stream(const Method& method) {
  if (!method.in_stream && !method.out_stream) return "";
  std::string text = " stream<" + (method.in_stream ? spell(method.in_stream->type) : "_");
  if (method.out_stream) text += ", " + spell(method.out_stream->type);
  return text + '>';
}

std::string spell_tags(const Method& method) {
  std::string text;
  for (const auto& tag : method.tags) text += (text.empty() ? "" : ", ") + tag.to_string();
  return text.empty() ? "" : " {" + text + '}';
}

std::string print_method(const Method& method) {
  std::string text = method.name + '(' + spell_args(method.in_args) + ')' + spell_stream(method);
  text += method.out_args.empty() ? " error" : " (" + spell_args(method.out_args) + " | error)";
  return text + spell_tags(method);
}

std::string print_interface(const Package& package, const Interface& interface) {
  std::string text = "interface " + package.path + '.' + interface.name + " {";
  for (const auto& embed : interface.embeds) text += ' ' + embed.package + '.' + embed.name + ';';
  for (const auto& method : interface.methods) text += ' ' + print_method(method) + ';';
  return text + " }\n";
}

// The structure of a named type, with names for what is inside.
std::string spell_structure(const nb::Type& type) {
  const auto fields = [&] {
    std::string text;
    for (const auto& field : type.fields()) text += (text.empty() ? "" : ";") + field.name + ' ' + spell(field.type);
    return '{' + text + '}';
  };
  switch (type.kind()) {
    case nb::Kind::kEnum: {
      std::string text;
      for (const auto& label : type.labels()) text += (text.empty() ? "" : ";") + label;
      return "enum{" + text + '}';
    }
    case nb::Kind::kArray:
      return '[' + std::to_string(type.len()) + ']' + spell(type.elem());
    case nb::Kind::kList:
      return "[]" + spell(type.elem());
    case nb::Kind::kSet:
      return "set[" + spell(type.key()) + ']';
    case nb::Kind::kMap:
      return "map[" + spell(type.key()) + ']' + spell(type.elem());
    case nb::Kind::kStruct:
      return "struct" + fields();
    case nb::Kind::kUnion:
      return "union" + fields();
    case nb::Kind::kOptional:
      return '?' + spell(type.elem());
    case nb::Kind::kAny:
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
    case nb::Kind::kString:
    case nb::Kind::kTypeObject:
      return std::string(to_string(type.kind()));
  }
  return "";
}

}  // namespace

std::string spell(const nb::Type& type) {
  if (!type.name().empty()) return std::string(type.name());
  return type == nb::Type::error() ? "error" : spell_structure(type);
}

std::string print(const Package& package) {
  std::string text = "package " + package.path + " name " + package.name + '\n';
  for (const auto& import : package.imports) text += "import " + import + '\n';
  for (const auto& type : package.types) {
    text += "type " + package.path + '.' + type.name + ' ' + spell_structure(type.type) + '\n';
  }
  for (const auto& constant : package.consts) {
    text += "const " + package.path + '.' + constant.name + " = " + constant.value.to_string() + '\n';
  }
  for (const auto& error : package.errors) {
    text += "error " + error.id + '(' + spell_args(error.params) + ") " + error.action;
    for (const auto& format : error.formats) {
      // As literals, so that a newline in a format does not break the line.
      text +=
          ' ' + nb::Value::string(format.language).to_string() + ": " + nb::Value::string(format.format).to_string();
    }
    text += '\n';
  }
  for (const auto& interface : package.interfaces) text += print_interface(package, interface);
  return text;
}

}  // namespace vdlc::model

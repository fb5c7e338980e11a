#include "check/walk.h"

#include "check/scope.h"

namespace vdlc::passes {
namespace {

void add_args(std::vector<ast::TypeId>& roots, const std::vector<ast::Arg>& args) {
  for (const auto& arg : args) roots.push_back(arg.type);
}

// Every type that a definition or an expression mentions directly, without the right-hand sides of type definitions.
std::vector<ast::TypeId> used_types(const ast::File& file) {
  std::vector<ast::TypeId> roots;
  for (const auto& error : file.error_defs) add_args(roots, error.params);
  for (const auto& interface : file.interfaces) {
    for (const auto& method : interface.methods) {
      add_args(roots, method.in_args);
      add_args(roots, method.out_args);
      if (!method.stream) continue;
      if (method.stream->in) roots.push_back(*method.stream->in);
      if (method.stream->out) roots.push_back(*method.stream->out);
    }
  }
  for (const auto& expr : file.exprs) {
    if (const auto* conversion = std::get_if<ast::ConversionExpr>(&expr.form)) roots.push_back(conversion->type);
    if (const auto* object = std::get_if<ast::TypeObjectExpr>(&expr.form)) roots.push_back(object->type);
    if (const auto* literal = std::get_if<ast::CompositeLit>(&expr.form); literal && literal->type) {
      roots.push_back(*literal->type);
    }
  }
  return roots;
}

std::string spell_fields(const ast::File& file, const std::vector<ast::Field>& fields) {
  std::string text;
  for (const auto& field : fields) {
    if (!text.empty()) text += "; ";
    text += field.name.text + ' ' + spell(file, field.type);
  }
  return '{' + text + '}';
}

}  // namespace

std::vector<ast::TypeId> parts_of(const ast::Type& type) {
  using Ids = std::vector<ast::TypeId>;
  const auto fields = [](const std::vector<ast::Field>& list) {
    Ids ids;
    for (const auto& field : list) ids.push_back(field.type);
    return ids;
  };
  return std::visit(Overload{
                        [](const ast::NamedType&) { return Ids{}; },
                        [](const ast::ErrorType&) { return Ids{}; },
                        [](const ast::TypeObjectType&) { return Ids{}; },
                        [](const ast::EnumType&) { return Ids{}; },
                        [](const ast::ArrayType& t) { return Ids{t.elem}; },
                        [](const ast::ListType& t) { return Ids{t.elem}; },
                        [](const ast::SetType& t) { return Ids{t.key}; },
                        [](const ast::MapType& t) {
                          return Ids{t.key, t.elem};
                        },
                        [&](const ast::StructType& t) { return fields(t.fields); },
                        [&](const ast::UnionType& t) { return fields(t.fields); },
                        [](const ast::OptionalType& t) { return Ids{t.elem}; },
                    },
                    type.form);
}

std::vector<TypePlace> places_of_types(const ast::File& file) {
  std::vector<TypePlace> places(file.types.size(), TypePlace::kNowhere);
  for (const auto id : used_types(file)) places[static_cast<std::size_t>(id)] = TypePlace::kUse;
  for (const auto& def : file.type_defs) places[static_cast<std::size_t>(def.type)] = TypePlace::kDefinition;
  // Parts have smaller ids than the whole, so one sweep from the back reaches all of them.
  for (std::size_t i = places.size(); i-- > 0;) {
    if (places[i] == TypePlace::kNowhere) continue;
    for (const auto part : parts_of(file.types[i])) places[static_cast<std::size_t>(part)] = TypePlace::kUse;
  }
  return places;
}

std::string spell(const ast::File& file, ast::TypeId id) {
  return std::visit(Overload{
                        [](const ast::NamedType& t) { return spell(t.name); },
                        [](const ast::ErrorType&) { return std::string("error"); },
                        [](const ast::TypeObjectType&) { return std::string("typeobject"); },
                        [](const ast::EnumType& t) {
                          std::string text;
                          for (const auto& label : t.labels) text += (text.empty() ? "" : "; ") + label.name.text;
                          return "enum{" + text + '}';
                        },
                        [&](const ast::ArrayType& t) { return '[' + t.length + ']' + spell(file, t.elem); },
                        [&](const ast::ListType& t) { return "[]" + spell(file, t.elem); },
                        [&](const ast::SetType& t) { return "set[" + spell(file, t.key) + ']'; },
                        [&](const ast::MapType& t) { return "map[" + spell(file, t.key) + ']' + spell(file, t.elem); },
                        [&](const ast::StructType& t) { return "struct" + spell_fields(file, t.fields); },
                        [&](const ast::UnionType& t) { return "union" + spell_fields(file, t.fields); },
                        [&](const ast::OptionalType& t) { return '?' + spell(file, t.elem); },
                    },
                    file.type(id).form);
}

}  // namespace vdlc::passes

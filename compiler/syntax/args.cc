#include "syntax/args.h"

#include "syntax/messages.h"

namespace vdlc {
namespace {

// A type that is one plain word can be a name; the keywords `error` and `typeobject` too.
std::optional<ast::Ident> as_name(const ast::Type& type) {
  if (const auto* named = std::get_if<ast::NamedType>(&type.form)) {
    if (!named->name.path && named->name.parts.size() == 1) return named->name.parts[0];
  }
  if (std::holds_alternative<ast::ErrorType>(type.form)) return ast::Ident{"error", type.span};
  if (std::holds_alternative<ast::TypeObjectType>(type.form)) return ast::Ident{"typeobject", type.span};
  return std::nullopt;
}

// `names` become names of `type`; false after SY4.
bool add_group(const ast::File& file, const std::vector<ast::TypeId>& names, ast::TypeId type,
               std::vector<ast::Arg>& out, Diagnostics& diagnostics) {
  for (const ast::TypeId id : names) {
    const std::optional<ast::Ident> name = as_name(file.type(id));
    if (!name) {
      diagnostics.error(file.type(id).span, kNotAName, std::string("this type"))
          .note(file.type(type).span, "a comma may be missing before this type");
      return false;
    }
    out.push_back({*name, type});
  }
  return true;
}

}  // namespace

std::vector<ast::Arg> make_args(const ast::File& file, const std::vector<ArgItem>& items, Diagnostics& diagnostics) {
  std::vector<ast::Arg> args;
  std::vector<ast::TypeId> waiting;  // types since the last complete group
  bool named = false;
  for (const ArgItem& item : items) {
    waiting.push_back(item.types[0]);
    if (item.types.size() == 1) continue;
    named = true;
    if (!add_group(file, waiting, item.types[1], args, diagnostics)) return args;
    waiting.clear();
    if (item.types.size() > 2) {
      diagnostics.error(file.type(item.types[2]).span, kSyntax, std::string("a comma is missing before this type"));
      return args;
    }
  }
  if (!named) {
    for (const ast::TypeId type : waiting) args.push_back({std::nullopt, type});
  } else if (!waiting.empty()) {
    const ast::Type& type = file.type(waiting[0]);
    const std::optional<ast::Ident> name = as_name(type);
    diagnostics
        .error(type.span, kSyntax,
               name ? fmt::format("`{}` is a type without a name, or a name without a type", name->text)
                    : std::string("this type has no name"))
        .note("either all arguments of a list have names, or none");
  }
  return args;
}

std::vector<ast::Field> make_fields(const ast::File& file, const std::vector<ArgItem>& items,
                                    Diagnostics& diagnostics) {
  std::vector<ast::Field> fields;
  std::vector<ast::TypeId> names;
  bool complete = false;
  for (const ArgItem& item : items) {
    if (complete) {
      diagnostics.error(*item.comma, kSyntax, std::string("found `,`, but fields are separated by newlines or `;`"))
          .suggest(*item.comma, ";", "write `;` here, or put the next field on a line of its own");
      return fields;
    }
    names.push_back(item.types[0]);
    if (item.types.size() == 1) continue;
    std::vector<ast::Arg> group;
    if (!add_group(file, names, item.types[1], group, diagnostics)) return fields;
    for (ast::Arg& arg : group) fields.push_back({std::move(*arg.name), arg.type, {}});
    if (item.types.size() > 2) {
      diagnostics.error(file.type(item.types[2]).span, kSyntax,
                        std::string("found a second type, expected a newline or `;`"));
      return fields;
    }
    complete = true;
  }
  if (!complete) {
    const ast::Type& type = file.type(names.back());
    diagnostics.error(type.span, kSyntax, std::string("a field has a name and a type; one of them is missing here"));
  }
  return fields;
}

}  // namespace vdlc

#include "check/type_forms.h"

#include <map>
#include <set>

#include "check/caps.h"
#include "check/identifiers.h"
#include "check/messages.h"
#include "check/names.h"
#include "check/numbers.h"
#include "check/walk.h"
#include "diagnostics/nearest.h"

namespace vdlc::passes {
namespace {

using Kind = TypeForm::Kind;

class Describer {
 public:
  Describer(Scope& scope, std::uint32_t file, Diagnostics& diagnostics)
      : scope_(scope), file_index_(file), file_(scope.file(file)), diagnostics_(diagnostics) {
    for (const auto& error : file_.error_defs) look_at_names(error.params, true);
    for (const auto& interface : file_.interfaces) {
      for (const auto& method : interface.methods) {
        look_at_names(method.in_args, true);
        look_at_names(method.out_args, method.out_args.size() > 1);
      }
    }
    for (const auto& type : file_.types) {
      if (const auto* t = std::get_if<ast::StructType>(&type.form)) look_at_names(t->fields);
      if (const auto* t = std::get_if<ast::UnionType>(&type.form)) look_at_names(t->fields);
    }
  }

  std::vector<TypeForm> describe() {
    const auto places = places_of_types(file_);
    forms_.resize(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] != TypePlace::kUse) continue;
      current_ = ast::TypeId{static_cast<std::uint32_t>(i)};
      forms_[i] = describe_use(file_.types[i]);
    }
    current_.reset();
    for (const auto& def : file_.type_defs) forms_[static_cast<std::size_t>(def.type)] = describe_definition(def);
    return std::move(forms_);
  }

 private:
  static TypeForm poison() { return {.kind = Kind::kPoison}; }
  static TypeForm composite() { return {.kind = Kind::kComposite}; }
  static TypeForm known(nb::Type type) { return {.kind = Kind::kKnown, .type = std::move(type)}; }

  // Types that may be names: of an argument that has none although it needs one, and behind a name that is a type.
  void look_at_names(const std::vector<ast::Arg>& args, bool need_names) {
    for (const auto& arg : args) {
      if (!arg.name && need_names) unnamed_.insert(arg.type);
      if (arg.name && is_built_in_type(arg.name->text)) swapped_.emplace(arg.type, &*arg.name);
    }
  }
  void look_at_names(const std::vector<ast::Field>& fields) {
    for (const auto& field : fields) {
      if (is_built_in_type(field.name.text)) swapped_.emplace(field.type, &field.name);
    }
  }

  // A composite with a poisoned part is poison.
  TypeForm composite_of(const ast::Type& type) const {
    for (const auto part : parts_of(type)) {
      if (forms_[static_cast<std::size_t>(part)].kind == Kind::kPoison) return poison();
    }
    return composite();
  }

  TypeForm describe_use(const ast::Type& type) {
    return std::visit(Overload{
                          [&](const ast::NamedType& t) { return describe_name(t.name); },
                          [&](const ast::ErrorType&) { return known(nb::Type::error()); },
                          [&](const ast::TypeObjectType&) { return known(nb::Type::type_object()); },
                          [&](const ast::EnumType&) { return needs_name(type, "enum"); },
                          [&](const ast::ArrayType&) { return needs_name(type, "array"); },
                          [&](const ast::StructType&) { return needs_name(type, "struct"); },
                          [&](const ast::UnionType&) { return needs_name(type, "union"); },
                          [&](const auto&) { return composite_of(type); },
                      },
                      type.form);
  }

  TypeForm needs_name(const ast::Type& type, std::string_view what) {
    diagnostics_.error(type.span, kTypeInline, what);
    return poison();
  }

  TypeForm describe_name(const ast::NameRef& name) {
    const Lookup found = scope_.lookup(file_index_, name, /*types_only=*/true);
    switch (found.kind) {
      case Lookup::Kind::kPoison:
        return poison();
      case Lookup::Kind::kQuotedPath:
        diagnostics_.error(name.span, kQuotedPath, spell(name));
        return poison();
      case Lookup::Kind::kBuiltIn:
        if (auto type = built_in_type(name.parts[0].text)) return without_extra(name, 1, known(*type));
        break;
      case Lookup::Kind::kLocal: {
        const Def& def = scope_.def(found.local);
        if (def.kind != DefKind::kType || name.parts.size() > 1) break;
        if (def.poisoned) return poison();
        return {.kind = Kind::kLocal, .def = found.local};
      }
      case Lookup::Kind::kImportedType:
        return without_extra(name, 2, known(found.type->type));
      case Lookup::Kind::kUndefined:
      case Lookup::Kind::kImportedConst:
      case Lookup::Kind::kImportedInterface:
        break;
    }
    // The missing name is reported elsewhere: ER1, IF2, IF3.
    if (found.kind == Lookup::Kind::kUndefined && name.parts.size() == 1 && current_ && unnamed_.contains(*current_))
      return poison();
    auto& diagnostic = diagnostics_.error(name.span, kTypeUndefined, spell(name));
    explain_undefined(name, found, diagnostic);
    return poison();
  }

  void explain_undefined(const ast::NameRef& name, const Lookup& found, Diagnostic& diagnostic) const {
    const auto& first = name.parts[0].text;
    if (found.kind == Lookup::Kind::kLocal && scope_.def(found.local).kind != DefKind::kType) {
      const Def& def = scope_.def(found.local);
      diagnostic.note(def.name->span, "`" + first + "` is the " + std::string(to_string(def.kind)) + " defined here");
    } else if (first == "int" || first == "uint" || first == "float") {
      diagnostic.note("numbers have a width: `" + first + "32`, `" + first + "64`");
    } else if (const auto swapped = current_ ? swapped_.find(*current_) : swapped_.end();
               swapped != swapped_.end() && name.parts.size() == 1) {
      const std::string right = first + " " + swapped->second->text;
      diagnostic.suggest(join(swapped->second->span, name.span), right, "the name comes first: `" + right + "`");
    } else if (found.package != nullptr) {
      diagnostic.note("package `" + found.package->path + "` has no exported type of that name");
    } else if (name.parts.size() > 1) {
      const bool standard = first == "time" || first == "math" || first == "signature" || first == "vdltool";
      diagnostic.note(standard ? "the package is not imported: `import \"" + first + "\"`"
                               : "this file imports no package under the name `" + first + "`");
    } else if (const std::string_view usual = name_here(first); !usual.empty()) {
      diagnostic.note("in VDL it is called `" + std::string(usual) + "`");
    } else if (diagnostics_.error_count() <= kMaxSuggestions) {
      std::vector<std::string_view> names = built_in_type_names();
      for (const Def& def : scope_.defs()) {
        if (def.kind == DefKind::kType) names.emplace_back(def.name->text);
      }
      if (const auto near = nearest(first, names); !near.empty()) diagnostic.note(did_you_mean(near));
    }
  }

  // What a type of other languages is called in VDL.
  static std::string_view name_here(std::string_view word) {
    static const std::unordered_map<std::string_view, std::string_view> kNames = {
        {"Any", "any"},
        {"Bool", "bool"},
        {"Boolean", "bool"},
        {"Byte", "byte"},
        {"Double", "float64"},
        {"Error", "error"},
        {"Float", "float32"},
        {"Int", "int32"},
        {"Integer", "int32"},
        {"Long", "int64"},
        {"Object", "any"},
        {"Short", "int16"},
        {"String", "string"},
        {"boolean", "bool"},
        {"bytes", "[]byte"},
        {"char", "byte"},
        {"complex64", "math.Complex64"},
        {"complex128", "math.Complex128"},
        {"double", "float64"},
        {"f32", "float32"},
        {"f64", "float64"},
        {"fixed32", "uint32"},
        {"fixed64", "uint64"},
        {"i8", "int8"},
        {"i16", "int16"},
        {"i32", "int32"},
        {"i64", "int64"},
        {"integer", "int32"},
        {"int16_t", "int16"},
        {"int32_t", "int32"},
        {"int64_t", "int64"},
        {"int8_t", "int8"},
        {"interface", "any"},
        {"long", "int64"},
        {"object", "any"},
        {"rune", "int32"},
        {"sfixed32", "int32"},
        {"sfixed64", "int64"},
        {"short", "int16"},
        {"sint32", "int32"},
        {"sint64", "int64"},
        {"str", "string"},
        {"text", "string"},
        {"u8", "byte"},
        {"u16", "uint16"},
        {"u32", "uint32"},
        {"u64", "uint64"},
        {"uint8", "byte"},
        {"uint16_t", "uint16"},
        {"uint32_t", "uint32"},
        {"uint64_t", "uint64"},
        {"uint8_t", "byte"},
        {"ulong", "uint64"},
    };
    const auto found = kNames.find(word);
    return found == kNames.end() ? "" : found->second;
  }

  TypeForm without_extra(const ast::NameRef& name, std::size_t matched, TypeForm form) {
    if (name.parts.size() == matched) return form;
    std::string type = name.parts[0].text;
    if (matched == 2) type += '.' + name.parts[1].text;
    diagnostics_.error(name.parts[matched].span, kTypeExtra, '.' + spell(name, matched), type);
    return poison();
  }

  TypeForm describe_definition(const ast::TypeDef& def) {
    const auto& type = file_.type(def.type);
    const auto& name = def.name.text;
    return std::visit(Overload{
                          [&](const ast::NamedType& t) {
                            TypeForm form = describe_name(t.name);
                            if (form.kind == Kind::kKnown && form.type == nb::Type::any()) return renames(def, "any");
                            return form;
                          },
                          [&](const ast::ErrorType&) {
                            diagnostics_.error(def.name.span, kTypeRenamesError, name);
                            return poison();
                          },
                          [&](const ast::TypeObjectType&) { return renames(def, "typeobject"); },
                          [&](const ast::EnumType& t) { return describe_enum(def, type, t); },
                          [&](const ast::ArrayType& t) { return describe_array(type, t); },
                          [&](const ast::StructType& t) { return describe_fields("struct", def, type, t.fields); },
                          [&](const ast::UnionType& t) {
                            if (t.fields.empty()) {
                              diagnostics_.error(type.span, kUnionEmpty, name);
                              return poison();
                            }
                            return describe_fields("union", def, type, t.fields);
                          },
                          [&](const ast::OptionalType&) {
                            diagnostics_.error(type.span, kTypeIsOptional, name);
                            return poison();
                          },
                          [&](const auto&) { return composite_of(type); },
                      },
                      type.form);
  }

  TypeForm renames(const ast::TypeDef& def, std::string_view what) {
    diagnostics_.error(def.name.span, kTypeRenames, def.name.text, what);
    return poison();
  }

  TypeForm describe_enum(const ast::TypeDef& def, const ast::Type& type, const ast::EnumType& form) {
    if (form.labels.empty()) {
      diagnostics_.error(type.span, kEnumEmpty, def.name.text);
      return poison();
    }
    std::unordered_map<std::string_view, const ast::Ident*> seen;
    bool healthy = true;
    for (const auto& label : form.labels) {
      check_name(label.name, NameRole::kMember, "label", diagnostics_);
      const auto [first, is_new] = seen.emplace(label.name.text, &label.name);
      if (is_new) continue;
      diagnostics_.error(label.name.span, kLabelTwice, label.name.text, def.name.text)
          .note(first->second->span, "the first one is here");
      healthy = false;
    }
    return healthy ? composite() : poison();
  }

  TypeForm describe_fields(std::string_view what, const ast::TypeDef& def, const ast::Type& type,
                           const std::vector<ast::Field>& fields) {
    std::unordered_map<std::string_view, const ast::Ident*> seen;
    TypeForm form = composite_of(type);
    for (const auto& field : fields) {
      check_name(field.name, NameRole::kMember, "field", diagnostics_);
      const auto [first, is_new] = seen.emplace(field.name.text, &field.name);
      if (is_new) continue;
      const auto whole = std::string(what) + " `" + def.name.text + '`';
      diagnostics_.error(field.name.span, kFieldTwice, field.name.text, whole)
          .note(first->second->span, "the first one is here");
      form = poison();
    }
    return form;
  }

  TypeForm describe_array(const ast::Type& type, const ast::ArrayType& form) {
    const auto length = parse_integer(form.length);
    if (length && *length <= 0) {
      diagnostics_.error(form.length_span, kArrayEmpty, form.length);
      return poison();
    }
    if (!length || *length > kMaxArrayLength) {
      diagnostics_.error(form.length_span, kArrayTooLong, form.length.substr(0, 40), std::size_t{kMaxArrayLength});
      return poison();
    }
    TypeForm result = composite_of(type);
    result.array_length = length->get_ui();
    return result;
  }

  Scope& scope_;
  const std::uint32_t file_index_;
  const ast::File& file_;
  Diagnostics& diagnostics_;
  std::vector<TypeForm> forms_;
  std::optional<ast::TypeId> current_;  // the type expression being described
  std::set<ast::TypeId> unnamed_;
  std::map<ast::TypeId, const ast::Ident*> swapped_;
};

}  // namespace

TypeForms describe_types(Scope& scope, Diagnostics& diagnostics) {
  TypeForms forms;
  for (std::uint32_t f = 0; f < scope.package().files.size(); ++f) {
    forms.push_back(Describer(scope, f, diagnostics).describe());
  }
  return forms;
}

std::optional<nb::Type> built_in_type(std::string_view name) {
  static const std::unordered_map<std::string_view, nb::Type (*)()> kTypes = {
      {"any", nb::Type::any},       {"bool", nb::Type::boolean},    {"byte", nb::Type::byte},
      {"error", nb::Type::error},   {"float32", nb::Type::float32}, {"float64", nb::Type::float64},
      {"int16", nb::Type::int16},   {"int32", nb::Type::int32},     {"int64", nb::Type::int64},
      {"int8", nb::Type::int8},     {"string", nb::Type::string},   {"typeobject", nb::Type::type_object},
      {"uint16", nb::Type::uint16}, {"uint32", nb::Type::uint32},   {"uint64", nb::Type::uint64},
  };
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) return std::nullopt;
  return found->second();
}

}  // namespace vdlc::passes

#include "check/types.h"

#include "check/identifiers.h"
#include "check/messages.h"
#include "check/type_rules.h"
#include "check/walk.h"

namespace vdlc::passes {
namespace {

using Kind = TypeForm::Kind;
using Builder = nb::TypeBuilder;

const ast::TypeDef& definition(const Scope& scope, const Def& def) { return scope.file(def.file).type_defs[def.index]; }

// Hands the healthy definitions to nb::TypeBuilder, all at once because they may refer to each other.
class Build {
 public:
  Build(const Scope& scope, const TypeForms& forms) : scope_(scope), forms_(forms), refs_(scope.defs().size()) {}

  nb::Result<std::vector<nb::Type>> build(const std::vector<DefId>& defs) {
    for (const DefId id : defs) {
      refs_[static_cast<std::size_t>(id)] = builder_.named(scope_.package().path + '.' + scope_.def(id).name->text);
    }
    for (const DefId id : defs) define(refs_[static_cast<std::size_t>(id)], scope_.def(id));
    return builder_.build();
  }

 private:
  const TypeForm& form(std::uint32_t file, ast::TypeId id) const { return forms_[file][static_cast<std::size_t>(id)]; }

  void define(Builder::Ref ref, const Def& def) {
    const auto body = definition(scope_, def).type;
    const auto f = def.file;
    if (form(f, body).kind != Kind::kComposite) {
      builder_.set_base(ref, use(f, body));
      return;
    }
    std::visit(
        Overload{
            [&](const ast::EnumType& t) {
              std::vector<std::string> labels;
              for (const auto& label : t.labels) labels.push_back(label.name.text);
              builder_.set_enum(ref, std::move(labels));
            },
            [&](const ast::ArrayType& t) { builder_.set_array(ref, form(f, body).array_length, use(f, t.elem)); },
            [&](const ast::ListType& t) { builder_.set_list(ref, use(f, t.elem)); },
            [&](const ast::SetType& t) { builder_.set_set(ref, use(f, t.key)); },
            [&](const ast::MapType& t) {
              const auto key = use(f, t.key);
              builder_.set_map(ref, key, use(f, t.elem));
            },
            [&](const ast::StructType& t) { builder_.set_struct(ref, fields(f, t.fields)); },
            [&](const ast::UnionType& t) { builder_.set_union(ref, fields(f, t.fields)); },
            [](const auto&) { NB_CHECK(false, "names and optionals are not defined as composites"); },
        },
        scope_.file(f).type(body).form);
  }

  std::vector<Builder::Field> fields(std::uint32_t file, const std::vector<ast::Field>& list) {
    std::vector<Builder::Field> result;
    for (const auto& field : list) result.push_back({field.name.text, use(file, field.type)});
    return result;
  }

  // Recursion is as deep as type expressions nest, which the parser limits.
  Builder::Ref use(std::uint32_t file, ast::TypeId id) {
    const TypeForm& f = form(file, id);
    if (f.kind == Kind::kKnown) return builder_.ref(f.type);
    if (f.kind == Kind::kLocal) return refs_[static_cast<std::size_t>(f.def)];
    return std::visit(Overload{
                          [&](const ast::ListType& t) { return builder_.list(use(file, t.elem)); },
                          [&](const ast::SetType& t) { return builder_.set(use(file, t.key)); },
                          [&](const ast::MapType& t) {
                            const auto key = use(file, t.key);
                            return builder_.map(key, use(file, t.elem));
                          },
                          [&](const ast::OptionalType& t) { return builder_.optional(use(file, t.elem)); },
                          [&](const auto&) -> Builder::Ref {
                            NB_CHECK(false, "types that need a name do not stand inside others");
                            return 0;
                          },
                      },
                      scope_.file(file).type(id).form);
  }

  const Scope& scope_;
  const TypeForms& forms_;
  Builder builder_;
  std::vector<Builder::Ref> refs_;  // by DefId
};

std::optional<nb::Type> compose(const ast::Type& tree, const std::vector<std::optional<nb::Type>>& uses) {
  const auto part = [&](ast::TypeId id) -> const nb::Type* {
    const auto& use = uses[static_cast<std::size_t>(id)];
    return use ? &*use : nullptr;
  };
  const auto compose_one = [&](ast::TypeId id, nb::Type (*make)(const nb::Type&)) -> std::optional<nb::Type> {
    if (const auto* type = part(id)) return make(*type);
    return std::nullopt;
  };
  return std::visit(Overload{
                        [&](const ast::ListType& t) { return compose_one(t.elem, nb::Type::list); },
                        [&](const ast::SetType& t) { return compose_one(t.key, nb::Type::set); },
                        [&](const ast::OptionalType& t) { return compose_one(t.elem, nb::Type::optional); },
                        [&](const ast::MapType& t) -> std::optional<nb::Type> {
                          if (part(t.key) && part(t.elem)) return nb::Type::map(*part(t.key), *part(t.elem));
                          return std::nullopt;
                        },
                        [](const auto&) -> std::optional<nb::Type> { return std::nullopt; },
                    },
                    tree.form);
}

model::TypeDef model_type(const Scope& scope, const TypeTable& types, DefId id) {
  const Def& def = scope.def(id);
  const ast::TypeDef& tree = definition(scope, def);
  const ast::Type& body = scope.file(def.file).type(tree.type);
  model::TypeDef result;
  result.name = def.name->text;
  result.type = *types.find(id);
  result.docs = to_model(tree.docs);
  result.exported = is_exported(result.name);
  result.span = def.name->span;
  if (const nb::Type* base = types.find(def.file, tree.type)) result.base = model::TypeRef{*base, body.span};

  const std::vector<ast::Field>* fields = nullptr;
  if (const auto* t = std::get_if<ast::StructType>(&body.form)) fields = &t->fields;
  if (const auto* t = std::get_if<ast::UnionType>(&body.form)) fields = &t->fields;
  if (result.type.kind() == nb::Kind::kStruct || result.type.kind() == nb::Kind::kUnion) {
    const auto known = result.type.fields();
    for (std::size_t i = 0; i < known.size(); ++i) {
      const Span span = fields ? scope.file(def.file).type((*fields)[i].type).span : body.span;
      result.fields.push_back(
          {known[i].name, {known[i].type, span}, fields ? to_model((*fields)[i].docs) : model::Docs{}});
    }
  }
  if (result.type.kind() == nb::Kind::kEnum) {
    result.label_docs.resize(result.type.labels().size());
    if (const auto* t = std::get_if<ast::EnumType>(&body.form)) {
      for (std::size_t i = 0; i < t->labels.size(); ++i) result.label_docs[i] = to_model(t->labels[i].docs);
    }
  }
  return result;
}

}  // namespace

const nb::Type* TypeTable::find(std::uint32_t file, ast::TypeId id) const {
  const auto& use = uses_[file][static_cast<std::size_t>(id)];
  return use ? &*use : nullptr;
}

const nb::Type* TypeTable::find(DefId def) const {
  const auto& type = defs_[static_cast<std::size_t>(def)];
  return type ? &*type : nullptr;
}

const ast::Type* TypeTable::find_unexported(const Scope& scope, std::uint32_t file, ast::TypeId id) const {
  return passes::find_unexported(scope, forms_, file, id);
}

TypeTable resolve_types(Scope& scope, Diagnostics& diagnostics) {
  TypeTable table;
  table.forms_ = describe_types(scope, diagnostics);
  const TypeGraph graph = make_type_graph(scope, table.forms_);
  check_type_rules(scope, graph, table.forms_, diagnostics);

  std::vector<DefId> healthy;
  for (const DefId id : graph.defs) {
    if (!scope.def(id).poisoned) healthy.push_back(id);
  }
  table.defs_.resize(scope.defs().size());
  auto built = Build(scope, table.forms_).build(healthy);
  if (!built) {
    // All rules were checked above; what is left is a type of this package that pretends to be a built-in one.
    diagnostics.error(scope.def(healthy.front()).name->span, kTypesRejected, built.error().message());
    for (const DefId id : healthy) scope.def(id).poisoned = true;
    healthy.clear();
  }
  for (std::size_t i = 0; i < healthy.size(); ++i) table.defs_[static_cast<std::size_t>(healthy[i])] = (*built)[i];
  for (const auto node : dependency_order(graph.all)) table.order_.push_back(graph.defs[node]);

  table.uses_.resize(table.forms_.size());
  for (std::uint32_t f = 0; f < table.forms_.size(); ++f) {
    auto& uses = table.uses_[f];
    for (std::size_t i = 0; i < table.forms_[f].size(); ++i) {
      const TypeForm& form = table.forms_[f][i];
      switch (form.kind) {
        case Kind::kNothing:
        case Kind::kPoison:
          uses.emplace_back();
          break;
        case Kind::kKnown:
          uses.emplace_back(form.type);
          break;
        case Kind::kLocal:
          uses.push_back(table.defs_[static_cast<std::size_t>(form.def)]);
          break;
        case Kind::kComposite:
          uses.push_back(compose(scope.file(f).types[i], uses));
          break;
      }
    }
  }
  return table;
}

std::vector<model::TypeDef> model_types(const Scope& scope, const TypeTable& types) {
  std::vector<model::TypeDef> result;
  for (const DefId id : types.order()) result.push_back(model_type(scope, types, id));
  return result;
}

model::Docs to_model(const ast::Docs& docs) { return {docs.leading, docs.suffix}; }

}  // namespace vdlc::passes

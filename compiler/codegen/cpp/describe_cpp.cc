#include "codegen/cpp/describe_cpp.h"

#include <fmt/format.h>
#include <nb/vdl/generated.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "codegen/cpp/docs.h"
#include "codegen/cpp/messages.h"
#include "codegen/cpp/names.h"
#include "codegen/cpp/rows.h"
#include "codegen/cpp/spell.h"
#include "codegen/cpp/values.h"

namespace vdlc::cpp {
namespace {

using nlohmann::json;

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : std::string(separator)) + part;
  return text;
}

// Include lines in groups: the standard library's, ours, generated ones. Those that another file has already are left
// out, and so are groups with nothing in them.
json include_lines(const std::set<std::string>& lines, const std::set<std::string>& present = {}) {
  json standard = json::array(), ours = json::array(), generated = json::array();
  for (const auto& line : lines) {
    if (present.contains(line)) continue;
    (line.starts_with("<nb/") ? ours : line.starts_with('<') ? standard : generated).push_back(line);
  }
  json groups = json::array();
  for (json* group : {&standard, &ours, &generated}) {
    if (!group->empty()) groups.push_back({{"lines", *group}});
  }
  return {{"groups", groups}};
}

bool is_identifier(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return text.find_first_not_of(kAllowed) == text.npos && !is_reserved(text, Place::kInside);
}

Span package_span(const model::Package& package) {
  if (!package.types.empty()) return package.types.front().span;
  if (!package.consts.empty()) return package.consts.front().span;
  if (!package.errors.empty()) return package.errors.front().span;
  return package.interfaces.empty() ? Span() : package.interfaces.front().span;
}

void check_config(const Context& context, const std::vector<std::string>& name_space) {
  for (const auto& part : name_space) {
    if (is_identifier(part)) continue;
    context.diagnostics.error(package_span(context.package), kBadNamespace, join(name_space, "::"),
                              context.package.path);
    break;
  }
  const auto config = context.options.configs.find(context.package.path);
  if (config == context.options.configs.end()) return;
  for (const auto& [type, native] : config->second.native_types) {
    if (context.package.find_type(type) == nullptr) context.diagnostics.error(kNativeOfUnknownType, type);
    if (native.type.empty()) context.diagnostics.error(kNativeWithoutType, type);
  }
}

json declarations(const Layout& layout) {
  json lines = json::array();
  for (const auto* def : layout.declared_first) {
    const bool is_class = def->type.kind() == nb::Kind::kUnion;
    lines.push_back(fmt::format("{} {};", is_class ? "class" : "struct", spell_name(def->name, Place::kPackage)));
  }
  return lines;
}

// "calc/calc.vdl, calc/more.vdl": the same wherever the roots are.
std::string source_names(const model::Package& package) {
  std::vector<std::string> names;
  for (const auto& file : package.files) names.push_back(package.path + '/' + file.substr(file.rfind('/') + 1));
  return join(names, ", ");
}

// Names of parameters in generated functions, which must not hide the package's constants.
std::map<std::string, std::string> local_names(const std::set<std::string>& variables) {
  std::map<std::string, std::string> names;
  for (const char* name : {"ctx", "options", "call", "stream", "name", "defaults", "runtime", "object"}) {
    names[name] = unlike(name, variables);
  }
  return names;
}

// What a package defines in its C++ namespace.
struct PackageName {
  std::string spelled;
  std::string what;  // "type `Foo`"
  Span span;
};

std::vector<PackageName> names_of(const model::Package& package) {
  std::vector<PackageName> names;
  const auto add = [&](const auto& def, std::string_view what) {
    names.push_back({spell_name(def.name, Place::kPackage), fmt::format("{} `{}`", what, def.name), def.span});
  };
  for (const auto& def : package.types) add(def, "type");
  for (const auto& def : package.consts) add(def, "constant");
  for (const auto& def : package.errors) add(def, "error");
  for (const auto& def : package.interfaces) {
    for (const char* part : {"Client", "Server", "Descriptor"}) {
      names.push_back({def.name + part, fmt::format("interface `{}`", def.name), def.span});
    }
    for (const auto& method : def.methods) {
      if (method.out_args.size() < 2) continue;
      names.push_back(
          {def.name + method.name + "Results", fmt::format("method `{}.{}`", def.name, method.name), method.span});
    }
  }
  return names;
}

using Owners = std::map<std::string, std::pair<const model::Package*, PackageName>>;

// Adds the names of a package to those of its namespace; reports those that another package has there already.
void add_names(Owners& owners, const model::Package& package, const std::string& root, Diagnostics& diagnostics) {
  std::set<std::string> reported;  // an interface once, though several of its names meet
  for (const PackageName& name : names_of(package)) {
    const auto [at, added] = owners.emplace(name.spelled, std::pair(&package, name));
    const auto& [other, theirs] = at->second;
    if (added || other == &package || !reported.insert(name.what).second) continue;
    diagnostics.error(name.span, kPackagesMeet, name.what, root + "::" + name.spelled, theirs.what, other->path)
        .note(theirs.span, theirs.what + " is here");
  }
}

// Packages of one program that share a namespace. Looked for once, with the last package, which has all others before
// it.
void check_shared_namespaces(const Context& context) {
  const auto& packages = context.program.packages;
  if (packages.empty() || packages.back()->path != context.package.path) return;
  std::map<std::string, Owners> owners;
  for (const auto& package : packages) {
    const std::string root = rooted(namespace_of(package->path, context.options));
    add_names(owners[root], *package, root, context.diagnostics);
  }
}

}  // namespace

void check_package_names(const Context& context) {
  const model::Package& package = context.package;
  const std::vector<PackageName> names = names_of(package);
  NameScope scope(context.diagnostics);
  std::map<std::string, const PackageName*> own;
  for (const PackageName& name : names) {
    scope.add(name.spelled, name.what, name.span);
    own.emplace(name.spelled, &name);
  }
  for (const auto& other : context.program.packages) {
    // A package below this one is a namespace beside the names of this one.
    const std::string name_space = rooted(namespace_of(other->path, context.options));
    if (!name_space.starts_with(context.root + "::")) continue;
    const std::string rest = name_space.substr(context.root.size() + 2);
    const std::string first = rest.substr(0, rest.find("::"));
    if (const auto found = own.find(first); found != own.end()) {
      scope.add(first, "package `" + other->path + "`", found->second->span);
    }
  }
  check_shared_namespaces(context);
}

json describe_cpp(const model::Package& package, const model::Program& program, const BackEndOptions& options,
                  Diagnostics& diagnostics) {
  const std::vector<std::string> name_space = namespace_of(package.path, options);
  Context context{package, program, options, diagnostics, lay_out(package), rooted(name_space), {}, {}};
  for (const auto& def : package.consts) context.variables.insert(spell_name(def.name, Place::kPackage));
  for (const auto& def : package.errors) context.variables.insert(spell_name(def.name, Place::kPackage));
  context.locals = local_names(context.variables);
  check_config(context, name_space);
  check_package_names(context);

  Speller header(package, program, options), source(package, program, options);
  Speller rpc_header(package, program, options), rpc_source(package, program, options);
  const auto path = [&](std::string_view ending) { return output_path(package.path, package.name, ending); };

  const auto is_composite = [](const model::ConstDef& def) { return !is_constexpr(def.value); };
  json cpp = {{"namespace", join(name_space, "::")},
              {"root", context.root},
              {"generated_code", nb::kGeneratedCode},
              {"sources", source_names(package)},
              {"vdl_h", path("vdl.h")},
              {"vdl_cc", path("vdl.cc")},
              {"rpc_h", path("rpc.h")},
              {"rpc_cc", path("rpc.cc")},
              {"file_docs", doc_lines(package.file_doc)},
              {"docs", doc_lines(package.docs)},
              {"local", context.locals},
              {"has_types", !package.types.empty()},
              {"has_interfaces", !package.interfaces.empty()},
              {"has_values", !package.consts.empty() || !package.errors.empty()},
              {"has_composite_constants", std::any_of(package.consts.begin(), package.consts.end(), is_composite)},
              {"has_declarations", !context.layout.declared_first.empty()},
              {"declarations", declarations(context.layout)},
              {"types", describe_types(context, header)},
              {"constants", describe_constants(context, header, source)},
              {"errors", describe_errors(context, header)},
              {"type_rows", describe_rows(context.layout, source)},
              {"interfaces", describe_interfaces(context, rpc_header, rpc_source)}};
  const bool has_types = !package.types.empty();
  header.include("<nb/vdl/codec.h>");
  if (!package.errors.empty()) header.include("<nb/vdl/error_def.h>");
  if (has_types) source.include("<nb/vdl/type_rows.h>");
  if (has_types) source.include("<nb/vom/instantiate.h>");
  rpc_header.include("\"" + path("vdl.h") + "\"");
  for (const char* line :
       {"<nb/rpc/client.h>", "<nb/rpc/results.h>", "<nb/rpc/server.h>", "<string>", "<tuple>", "<utility>"}) {
    rpc_header.include(line);
  }
  rpc_source.include("<nb/rpc/bind.h>");
  cpp["vdl_h_includes"] = include_lines(header.includes());
  cpp["vdl_cc_includes"] = include_lines(source.includes(), header.includes());
  cpp["rpc_h_includes"] = include_lines(rpc_header.includes());
  cpp["rpc_cc_includes"] = include_lines(rpc_source.includes(), rpc_header.includes());
  return cpp;
}

}  // namespace vdlc::cpp

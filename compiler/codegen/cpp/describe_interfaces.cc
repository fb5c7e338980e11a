#include <fmt/format.h>

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

struct Found {
  const model::Package* package;
  const model::Interface* interface;
};

// One package's interfaces, described one after another.
class Interfaces {
 public:
  Interfaces(const Context& context, Speller& header, Speller& source)
      : context_(context), header_(header), source_(source) {}

  json describe(const model::Interface& interface) {
    const std::vector<Found> family = family_of(interface);
    json results = json::array(), embedded = json::array(), all_methods = json::array(), own_methods = json::array(),
         descriptors = json::array();
    for (std::size_t i = 0; i < family.size(); ++i) {
      const Found& member = family[i];
      const bool own = i == 0;
      const std::string stem = stem_of(member);
      descriptors.push_back(stem + "Descriptor");
      if (!own) {
        header_.include_package(member.package->path, "rpc.h");
        embedded.push_back({{"client", stem + "Client"}, {"server", stem + "Server"}});
      }
      for (const auto& method : member.interface->methods) {
        json described = describe(method, member, interface.name);
        if (own) own_methods.push_back(described);
        if (own && method.out_args.size() > 1) results.push_back(describe_results(method, interface.name));
        all_methods.push_back(std::move(described));
      }
    }
    check_methods(family, interface);
    json bases = json::array();
    for (const auto& embed : interface.embeds) bases.push_back(stem_of(find(embed)) + "Server");
    if (bases.empty()) bases.push_back("::nb::Service");
    const std::string stem = interface.name;
    return {{"name", interface.name},
            {"docs", doc_lines(interface.docs)},
            {"client", stem + "Client"},
            {"server", stem + "Server"},
            {"descriptor", stem + "Descriptor"},
            {"bases", bases},
            {"embedded", embedded},
            {"results", results},
            {"methods", own_methods},
            {"all_methods", all_methods},
            {"descriptors", descriptors},
            {"vdl_name", string_literal(interface.name)},
            {"vdl_package", string_literal(context_.package.path)},
            {"vdl_doc", string_literal(signature_doc(interface.docs))},
            {"vdl_embeds", describe_embeds(interface)}};
  }

 private:
  Found find(const model::InterfaceRef& ref) const {
    const bool here = ref.package == context_.package.path;
    const model::Package* package = here ? &context_.package : context_.program.find(ref.package);
    NB_CHECK(package != nullptr, "the package of an embedded interface has been compiled");
    const model::Interface* interface = package->find_interface(ref.name);
    NB_CHECK(interface != nullptr, "an embedded interface has been checked");
    return {package, interface};
  }

  // The interface, then what it embeds, directly and indirectly, each once, in order of appearance.
  std::vector<Found> family_of(const model::Interface& interface) const {
    std::vector<Found> family = {{&context_.package, &interface}};
    for (std::size_t i = 0; i < family.size(); ++i) {
      const model::Interface& member = *family[i].interface;
      for (const auto& embed : member.embeds) {
        const Found found = find(embed);
        const bool known = std::any_of(family.begin(), family.end(),
                                       [&](const Found& other) { return other.interface == found.interface; });
        if (!known) family.push_back(found);
      }
    }
    return family;
  }

  // "::calc::Calc", to be followed by Client, Server, Descriptor.
  std::string stem_of(const Found& found) const {
    return rooted(namespace_of(found.package->path, context_.options)) + "::" + found.interface->name;
  }

  void check_methods(const std::vector<Found>& family, const model::Interface& interface) const {
    NameScope scope(context_.diagnostics);
    for (const Found& member : family) {
      for (const auto& method : member.interface->methods) {
        const Span at = member.package == &context_.package ? method.span : interface.span;
        scope.add(method_name(method, interface.name), "method `" + method.name + "`", at);
      }
    }
  }

  // A method may not be called like the class it is in.
  static std::string method_name(const model::Method& method, const std::string& interface) {
    const std::string name = spell_member(method.name, interface + "Client");
    return spell_member(name, interface + "Server");
  }

  json describe(const model::Method& method, const Found& owner, const std::string& interface) {
    const bool own = owner.package == &context_.package && owner.interface->name == interface;
    const bool has_results = method.out_args.size() > 1;
    const auto item = [&](const std::optional<model::TypeRef>& stream) {
      return stream ? header_.type(stream->type) : std::string("void");
    };
    std::string result = "void";
    if (has_results) {
      result = stem_of(owner) + method.name + "Results";
    } else if (!method.out_args.empty()) {
      result = header_.type(method.out_args.front().type.type);
    }
    json described = {{"name", method_name(method, interface)},
                      {"owner_method", stem_of(owner) + "Server::" + method_name(method, owner.interface->name)},
                      {"vdl_name", string_literal(method.name)},
                      {"docs", doc_lines(method.docs)},
                      {"params", describe_params(method)},
                      {"has_stream", method.in_stream || method.out_stream},
                      {"sends", item(method.in_stream)},
                      {"receives", item(method.out_stream)},
                      {"result", result}};
    described["is_wide"] = is_wide(described);
    if (own) described["descriptor"] = describe_descriptor(method);
    return described;
  }

  // Are the parameters of the method, in the longest of its declarations, too many for one line?
  static bool is_wide(const json& method) {
    const auto size = [](const json& text) { return text.get_ref<const std::string&>().size(); };
    std::size_t width = sizeof("  virtual ::nb::Reply<> (::nb::ServerCall& call) = 0;");
    width += size(method["result"]) + size(method["name"]);
    for (const json& param : method["params"]) width += size(param["type"]) + size(param["name"]) + 3;
    if (method["has_stream"].get<bool>()) {
      width += sizeof(", ::nb::ServerStream<, >& stream") + size(method["sends"]) + size(method["receives"]);
    }
    return width > kLineWidth;
  }

  json describe_params(const model::Method& method) {
    std::set<std::string> taken = context_.variables;
    taken.insert("object_");  // the client's member
    for (const char* local : {"ctx", "options", "call", "stream"}) taken.insert(context_.locals.at(local));
    json params = json::array();
    for (const auto& arg : method.in_args) {
      const std::string name = unlike(spell_name(arg.name, Place::kInside), taken);
      taken.insert(name);
      params.push_back({{"type", header_.type(arg.type.type)},
                        {"name", name},
                        {"moved", is_scalar(arg.type.type) ? name : "std::move(" + name + ")"}});
    }
    return params;
  }

  json describe_results(const model::Method& method, const std::string& interface) {
    const std::string name = interface + method.name + "Results";
    std::vector<Member> members;
    for (const auto& arg : method.out_args) {
      members.push_back({arg.name, arg.type.type, header_.type(arg.type.type), model::Docs()});
    }
    json fields = describe_members(context_, name, members, method.span);
    return {{"name", name},
            {"rooted", context_.root + "::" + name},
            {"of", interface + "." + method.name},
            {"constructor", constructor_text(name, fields)},
            {"initializers", initializers_text(fields)},
            {"fields", fields}};
  }

  // What goes over the wire in signatures.
  json describe_descriptor(const model::Method& method) {
    const auto args = [&](const std::vector<model::Arg>& list) {
      json result = json::array();
      for (const auto& arg : list) {
        result.push_back({{"name", string_literal(arg.name)}, {"type", type_expression(arg.type.type, source_)}});
      }
      return result;
    };
    const auto stream = [&](const std::optional<model::TypeRef>& item) {
      return item ? type_expression(item->type, source_) : std::string();
    };
    json tags = json::array();
    for (const auto& tag : method.tags) {
      tags.push_back(any_expression(tag, source_, method.span, context_.diagnostics));
    }
    std::string file;
    std::uint32_t line = 0;
    if (context_.options.sources != nullptr) {
      const Sources& sources = *context_.options.sources;
      const std::string& path = sources.file(method.span.file).path;
      file = context_.package.path +
             path.substr(std::min(path.size(), path.rfind('/') == path.npos ? 0 : path.rfind('/')));
      line = sources.position(method.span.file, method.span.begin).line;
    }
    return {{"doc", string_literal(signature_doc(method.docs))},
            {"in_args", args(method.in_args)},
            {"out_args", args(method.out_args)},
            {"has_in_stream", method.in_stream.has_value()},
            {"in_stream", stream(method.in_stream)},
            {"has_out_stream", method.out_stream.has_value()},
            {"out_stream", stream(method.out_stream)},
            {"tags", tags},
            {"file", string_literal(file)},
            {"line", line}};
  }

  json describe_embeds(const model::Interface& interface) const {
    json embeds = json::array();
    for (const auto& embed : interface.embeds) {
      embeds.push_back({{"name", string_literal(embed.name)},
                        {"package", string_literal(embed.package)},
                        {"doc", string_literal(signature_doc(find(embed).interface->docs))}});
    }
    return embeds;
  }

  // Comments as they were written, markers and all, without newlines around: as Go servers tell them.
  static std::string_view signature_doc(const model::Docs& docs) {
    std::string_view text = docs.leading;
    while (text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
  }

  const Context& context_;
  Speller& header_;
  Speller& source_;
};

}  // namespace

json describe_interfaces(const Context& context, Speller& header, Speller& source) {
  Interfaces interfaces(context, header, source);
  json result = json::array();
  for (const auto& interface : context.package.interfaces) result.push_back(interfaces.describe(interface));
  return result;
}

}  // namespace vdlc::cpp

#include <nb/rpc/signature.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <nb/base/verror.h>

namespace nb {

namespace {

using ::vdl::signature::Arg;
using ::vdl::signature::Embed;

Arg to_signature(const ArgDescriptor& argument) { return Arg(argument.name, argument.doc, argument.type); }

std::vector<Arg> to_signatures(const std::vector<ArgDescriptor>& arguments) {
  std::vector<Arg> signatures;
  for (const ArgDescriptor& each : arguments) signatures.push_back(to_signature(each));
  return signatures;
}

MethodSignature to_signature(const MethodDescriptor& method) {
  MethodSignature signature;
  signature.Name = method.name;
  signature.Doc = method.doc;
  signature.InArgs = to_signatures(method.in_args);
  signature.OutArgs = to_signatures(method.out_args);
  if (method.in_stream) signature.InStream = to_signature(*method.in_stream);
  if (method.out_stream) signature.OutStream = to_signature(*method.out_stream);
  signature.Tags = method.tags;
  return signature;
}

InterfaceSignature to_signature(const InterfaceDescriptor& interface) {
  InterfaceSignature signature;
  signature.Name = interface.name;
  signature.PkgPath = interface.package_path;
  signature.Doc = interface.doc;
  for (const EmbedDescriptor& each : interface.embeds) {
    signature.Embeds.push_back(Embed(each.name, each.package_path, each.doc));
  }
  for (const MethodDescriptor& each : interface.methods) signature.Methods.push_back(to_signature(each));
  std::ranges::stable_sort(signature.Methods, {}, &MethodSignature::Name);
  return signature;
}

// Removes what was there before, by `key_of`.
template <class T, class KeyOf>
void keep_first_ones(std::vector<T>& items, KeyOf key_of) {
  std::set<std::string> seen;
  std::vector<T> kept;
  for (T& each : items) {
    if (seen.insert(key_of(each)).second) kept.push_back(std::move(each));
  }
  items = std::move(kept);
}

}  // namespace

Result<MethodSignature> HasSignature::method_signature(ServerCall& call, std::string_view method) {
  auto interfaces = signature(call);
  if (!interfaces) return interfaces.error();
  const MethodSignature* const found = find_method(*interfaces, method);
  if (found == nullptr) return verror::UnknownMethod(std::string(method));
  return *found;
}

std::vector<InterfaceSignature> signatures_of(const ServiceDescriptor& descriptor) {
  std::vector<InterfaceSignature> signatures;
  for (const InterfaceDescriptor* each : descriptor.interfaces) {
    if (!each->methods.empty()) signatures.push_back(to_signature(*each));
  }
  return signatures;
}

std::vector<InterfaceSignature> cleaned_signatures(std::vector<InterfaceSignature> interfaces) {
  std::vector<InterfaceSignature> result;
  std::map<std::string, std::size_t> places;
  for (InterfaceSignature& each : interfaces) {
    const auto [place, is_new] = places.emplace(each.PkgPath + "." + each.Name, result.size());
    if (is_new) {
      result.push_back(std::move(each));
      continue;
    }
    InterfaceSignature& into = result[place->second];
    if (into.Doc.empty()) into.Doc = std::move(each.Doc);
    std::ranges::move(each.Embeds, std::back_inserter(into.Embeds));
    std::ranges::move(each.Methods, std::back_inserter(into.Methods));
  }
  for (InterfaceSignature& each : result) {
    keep_first_ones(each.Embeds, [](const Embed& embed) { return embed.PkgPath + "." + embed.Name; });
    keep_first_ones(each.Methods, [](const MethodSignature& method) { return method.Name; });
    std::ranges::stable_sort(each.Methods, {}, &MethodSignature::Name);
  }
  return result;
}

const MethodSignature* find_method(std::span<const InterfaceSignature> interfaces, std::string_view method) {
  for (const InterfaceSignature& interface : interfaces) {
    for (const MethodSignature& each : interface.Methods) {
      if (each.Name == method) return &each;
    }
  }
  return nullptr;
}

}  // namespace nb

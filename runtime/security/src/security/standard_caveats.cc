#include "security/standard_caveats.h"

#include <algorithm>

#include <nb/security/access.h>
#include <nb/security/blessing_names.h>
#include <nb/security/security_call.h>

namespace nb {
namespace {

using v23::security::access::AccessTagCaveat;
using v23::security::access::Tag;

Result<void> check_const(const Context&, const SecurityCall&, const bool& holds) {
  if (!holds) return v23::security::ConstCaveatValidation();
  return {};
}

Result<void> check_expiry(const Context&, const SecurityCall& call, const Time& last) {
  if (call.timestamp > last) return v23::security::ExpiryCaveatValidation(call.timestamp, last);
  return {};
}

// At the moment itself it does not hold yet, and the error is that of expiry: as the peers have it.
Result<void> check_not_before(const Context&, const SecurityCall& call, const Time& after) {
  if (call.timestamp <= after) return v23::security::ExpiryCaveatValidation(call.timestamp, after);
  return {};
}

Result<void> check_method(const Context&, const SecurityCall& call, const std::vector<std::string>& methods) {
  if (std::find(methods.begin(), methods.end(), call.method) != methods.end()) return {};
  return v23::security::MethodCaveatValidation(call.method, methods);
}

Result<void> check_peer(const Context&, const SecurityCall& call, const std::vector<BlessingPattern>& patterns) {
  const auto names = local_blessing_names(call);
  for (const auto& pattern : patterns) {
    if (matches_any(pattern, names)) return {};
  }
  return v23::security::PeerBlessingsCaveatValidation(names, patterns);
}

Result<void> check_access_tag(const Context&, const SecurityCall& call, const std::vector<Tag>& tags) {
  std::vector<std::string> of_method;
  for (const auto& any : call.method_tags) {
    if (any.type() != Codec<Tag>::type()) continue;
    const auto tag = any.as<Tag>();
    if (!tag) continue;
    if (std::find(tags.begin(), tags.end(), *tag) != tags.end()) return {};
    of_method.push_back(*tag);
  }
  return v23::security::access::AccessTagCaveatValidation(of_method, tags);
}

template <class T>
Caveat made(const v23::security::CaveatDescriptor& descriptor, const T& parameter) {
  auto caveat = make_caveat(descriptor, parameter);
  NB_CHECK(caveat, "a standard caveat has the type of its descriptor and can be encoded");
  return *std::move(caveat);
}

}  // namespace

namespace security {

Result<void> add_standard_caveats(CaveatValidators& validators) {
  const Result<void> added[] = {
      validators.add<bool>(v23::security::ConstCaveat(), check_const),
      validators.add<Time>(v23::security::ExpiryCaveat(), check_expiry),
      validators.add<Time>(v23::security::NotBeforeCaveat(), check_not_before),
      validators.add<std::vector<std::string>>(v23::security::MethodCaveat(), check_method),
      validators.add<std::vector<BlessingPattern>>(v23::security::PeerBlessingsCaveat(), check_peer),
      validators.add<std::vector<Tag>>(AccessTagCaveat(), check_access_tag),
  };
  for (const auto& one : added) {
    if (!one) return one;
  }
  return {};
}

const CaveatValidators& standard_validators() {
  static const CaveatValidators validators;
  return validators;
}

std::optional<Time> expiry_of(const Caveat& caveat) {
  if (caveat.Id != v23::security::ExpiryCaveat().Id) return std::nullopt;
  auto time = decode_parameter<Time>(caveat.ParamVom);
  if (!time) return std::nullopt;
  return *time;
}

}  // namespace security

Caveat const_caveat(bool holds) { return made(v23::security::ConstCaveat(), holds); }
Caveat unconstrained_use() { return const_caveat(true); }
Caveat expiry_caveat(Time last) { return made(v23::security::ExpiryCaveat(), last); }
Caveat not_before_caveat(Time after) { return made(v23::security::NotBeforeCaveat(), after); }
Caveat method_caveat(const std::vector<std::string>& methods) { return made(v23::security::MethodCaveat(), methods); }
Caveat peer_blessings_caveat(const std::vector<BlessingPattern>& peers) {
  return made(v23::security::PeerBlessingsCaveat(), peers);
}
Caveat access_tag_caveat(const std::vector<Tag>& tags) { return made(AccessTagCaveat(), tags); }

}  // namespace nb

#include <nb/security/authorizer.h>

#include <utility>

#include <nb/security/blessing_names.h>

namespace nb {
namespace {

bool any_matches(const std::vector<std::string>& patterns, const std::vector<std::string>& names) {
  for (const auto& pattern : patterns) {
    if (matches_any(BlessingPattern(pattern), names)) return true;
  }
  return false;
}

Error refused(const BlessingNames& remote, const SecurityCall& call) {
  return v23::security::AuthorizationFailed(remote.valid, remote.rejected, local_blessing_names(call));
}

class FunctionAuthorizer final : public Authorizer {
 public:
  explicit FunctionAuthorizer(std::function<Result<void>(const Context&, const SecurityCall&)> rule)
      : rule_(std::move(rule)) {}
  Result<void> authorize(const Context& context, const SecurityCall& call) const override {
    return rule_(context, call);
  }

 private:
  const std::function<Result<void>(const Context&, const SecurityCall&)> rule_;
};

Result<void> authorize_delegates(const Context& context, const SecurityCall& call) {
  const auto local = local_blessing_names(call);
  const auto remote = remote_blessing_names(context, call);
  if (any_matches(local, remote.valid) || any_matches(remote.valid, local)) return {};
  return v23::security::AuthorizationFailed(remote.valid, remote.rejected, local);
}

Result<void> authorize_key(const PublicKey& key, const SecurityCall& call) {
  const auto& remote = call.remote_blessings.public_key();
  if (remote && key && remote == key) return {};
  return v23::security::PublicKeyNotAllowed(remote ? remote.fingerprint() : "none", key ? key.fingerprint() : "none");
}

Result<void> authorize_endpoint(const Context& context, const SecurityCall& call) {
  const auto remote = remote_blessing_names(context, call);
  // Endpoints come from whoever resolves names: "..." among the names would let in every server, whoever it is.
  for (const auto& name : call.remote_endpoint_names) {
    if (BlessingPattern(name) == v23::security::AllPrincipals()) continue;
    if (matches_any(BlessingPattern(name), remote.valid)) return {};
  }
  return v23::security::EndpointAuthorizationFailed(call.remote_endpoint, remote.valid, remote.rejected);
}

Result<void> authorize_patterns(const std::vector<BlessingPattern>& patterns, const Context& context,
                                const SecurityCall& call) {
  const auto remote = remote_blessing_names(context, call);
  for (const auto& pattern : patterns) {
    if (matches_any(pattern, remote.valid)) return {};
  }
  return refused(remote, call);
}

}  // namespace

std::shared_ptr<const Authorizer> authorizer(std::function<Result<void>(const Context&, const SecurityCall&)> rule) {
  return std::make_shared<FunctionAuthorizer>(std::move(rule));
}

std::shared_ptr<const Authorizer> default_authorizer() { return authorizer(authorize_delegates); }

std::shared_ptr<const Authorizer> allow_everyone() {
  return authorizer([](const Context&, const SecurityCall&) { return Result<void>(); });
}

std::shared_ptr<const Authorizer> public_key_authorizer(PublicKey key) {
  return authorizer(
      [key = std::move(key)](const Context&, const SecurityCall& call) { return authorize_key(key, call); });
}

std::shared_ptr<const Authorizer> endpoint_authorizer() { return authorizer(authorize_endpoint); }

std::shared_ptr<const Authorizer> patterns_authorizer(std::vector<BlessingPattern> patterns) {
  return authorizer([patterns = std::move(patterns)](const Context& context, const SecurityCall& call) {
    return authorize_patterns(patterns, context, call);
  });
}

Error without_details(const Error& error) {
  if (!error) return error;
  return Error(std::string(error.id()), error.action(), "access denied");
}

}  // namespace nb

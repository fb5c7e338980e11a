#include "rpc/server_authority.h"

#include <utility>
#include <vector>

#include <nb/base/verror.h>
#include <nb/security/blessing_names.h>

#include "rpc/errors.h"
#include "rpc/errors_2015.h"

namespace nb::rpc {

namespace {

// All of them have to agree.
class AllOf final : public Authorizer {
 public:
  explicit AllOf(std::vector<std::shared_ptr<const Authorizer>> parts) : parts_(std::move(parts)) {}
  Result<void> authorize(const Context& context, const SecurityCall& call) const override {
    for (const auto& part : parts_) {
      if (auto agreed = part->authorize(context, call); !agreed) return agreed;
    }
    return {};
  }

 private:
  const std::vector<std::shared_ptr<const Authorizer>> parts_;  // shared with the options they come from
};

// Whoever shows blessings, whatever they say.
class SomeBlessings final : public Authorizer {
 public:
  Result<void> authorize(const Context&, const SecurityCall& call) const override {
    if (call.remote_blessings.claimed_names().empty()) return kNoBlessingsFromServer();
    return {};
  }
};

const std::shared_ptr<const Authorizer>& by_endpoint() {
  static const auto* const authorizer = new std::shared_ptr<const Authorizer>(endpoint_authorizer());
  return *authorizer;
}

}  // namespace

Result<std::shared_ptr<const Authorizer>> server_authority(const CallOptions& options,
                                                           const std::optional<std::string>& pattern_in_name) {
  auto base = options.server_authorizer();
  if (base == nullptr && options.skips_endpoint_authorization()) base = std::make_shared<SomeBlessings>();
  if (base == nullptr) base = by_endpoint();
  if (!pattern_in_name && options.allowed_servers().empty() && options.server_keys().empty()) return base;

  std::vector<std::shared_ptr<const Authorizer>> parts{std::move(base)};
  for (const PublicKey& key : options.server_keys()) {
    if (key != options.server_keys().front()) return wrap(verror::BadArg, kMultiplePublicKeyOptions());
    parts.push_back(public_key_authorizer(key));
  }
  for (const auto& patterns : options.allowed_servers()) parts.push_back(patterns_authorizer(patterns));
  if (pattern_in_name) parts.push_back(patterns_authorizer({BlessingPattern(*pattern_in_name)}));
  return std::shared_ptr<const Authorizer>(std::make_shared<AllOf>(std::move(parts)));
}

}  // namespace nb::rpc

#include "rpc/server_authority.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/verror.h>
#include <nb/security/blessing_names.h>

#include "rpc/errors.h"
#include "rpc/errors_2015.h"

namespace nb::rpc {

namespace {

// Names are the peer's own words, and there may be many.
constexpr std::size_t kNamesInErrors = 4;

Error refusal(const SecurityCall& call, const Error& cause) {
  const auto names = call.remote_blessings.claimed_names();
  std::string text = names.empty() ? "without blessings" : "with the blessings";
  for (std::size_t i = 0; i < std::min(names.size(), kNamesInErrors); ++i)
    text.append(i == 0 ? " " : ", ").append(names[i]);
  if (names.size() > kNamesInErrors) text.append(", …");
  text.append(": ").append(cause.message());
  return kPeerAuthorizedFailed(text).with_sub_error("cause", cause);
}

// All of them have to agree.
class AllOf final : public Authorizer {
 public:
  explicit AllOf(std::vector<std::shared_ptr<const Authorizer>> parts) : parts_(std::move(parts)) {}
  Result<void> authorize(const Context& context, const SecurityCall& call) const override {
    for (const auto& part : parts_) {
      if (auto agreed = part->authorize(context, call); !agreed) return refusal(call, agreed.error());
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

std::shared_ptr<const Authorizer> all_of(std::vector<std::shared_ptr<const Authorizer>> parts) {
  return std::make_shared<AllOf>(std::move(parts));
}

// What most calls ask for; made once.
const std::shared_ptr<const Authorizer>& by_endpoint() {
  static const auto* const authorizer = new std::shared_ptr<const Authorizer>(all_of({endpoint_authorizer()}));
  return *authorizer;
}

}  // namespace

Result<std::shared_ptr<const Authorizer>> server_authority(const CallOptions& options,
                                                           const std::optional<std::string>& pattern_in_name) {
  const auto& own = options.server_authorizer();
  const bool skips_endpoint = options.skips_endpoint_authorization();
  const bool asks_more = pattern_in_name || !options.allowed_servers().empty() || !options.server_keys().empty();
  if (own == nullptr && !skips_endpoint && !asks_more) return by_endpoint();

  std::vector<std::shared_ptr<const Authorizer>> parts;
  if (own != nullptr) {
    parts.push_back(own);
  } else if (skips_endpoint) {
    parts.push_back(std::make_shared<SomeBlessings>());
  } else {
    parts.push_back(endpoint_authorizer());
  }
  for (const PublicKey& key : options.server_keys()) {
    if (key != options.server_keys().front()) return wrap(verror::BadArg, kMultiplePublicKeyOptions());
    parts.push_back(public_key_authorizer(key));
  }
  for (const auto& patterns : options.allowed_servers()) parts.push_back(patterns_authorizer(patterns));
  if (pattern_in_name) parts.push_back(patterns_authorizer({BlessingPattern(*pattern_in_name)}));
  return all_of(std::move(parts));
}

}  // namespace nb::rpc

#include "rpc/legacy_blessings.h"

#include <optional>
#include <string>
#include <utility>

#include <nb/base/verror.h>

#include "rpc/errors_2015.h"
#include "security/hash.h"

namespace nb::rpc {

namespace {

// More sets of blessings than this no client has shown on one connection.
constexpr std::size_t kMaxKnown = 1024;

// Of the signatures of each chain's last certificate. None: one of them is not ECDSA.
std::optional<Bytes> legacy_id(const Blessings& blessings) {
  using security::HashAlgorithm;
  Bytes halves;
  for (const auto& chain : blessings.wire().CertificateChains) {
    const auto& signature = chain.back().Signature;
    if (signature.R.empty() || signature.S.empty()) return std::nullopt;
    for (const Bytes* half : {&signature.R, &signature.S}) {
      const auto digest = security::hash(HashAlgorithm::kSha256, {*half});
      halves.insert(halves.end(), digest.begin(), digest.end());
    }
  }
  return security::hash(HashAlgorithm::kSha256, {halves}).bytes();
}

}  // namespace

Result<::legacy::BlessingsRequest> LegacyClientBlessings::to_send(const Blessings& blessings) {
  ::legacy::BlessingsRequest request;
  if (blessings.is_zero() || blessings.is_nameless()) return request;
  auto id = legacy_id(blessings);
  if (!id) return verror::BadArg("calls of 2015 show only blessings that were signed with ECDSA");
  Entry& entry = entries_[*std::move(id)];
  if (entry.key == 0) entry.key = ++last_key_;
  request.Key = entry.key;
  if (!entry.is_acknowledged) request.Blessings = blessings.wire();
  return request;
}

void LegacyClientBlessings::acknowledge(const Blessings& blessings) {
  if (blessings.is_zero() || blessings.is_nameless()) return;
  const auto id = legacy_id(blessings);
  if (!id) return;
  if (const auto found = entries_.find(*id); found != entries_.end()) found->second.is_acknowledged = true;
}

Result<Blessings> LegacyServerBlessings::take(const ::legacy::BlessingsRequest& request) {
  if (request.Key == 0) return Blessings();
  const auto known = known_.find(request.Key);
  if (!request.Blessings) {
    if (known == known_.end()) return kBlessingsKey(std::to_string(request.Key));
    return known->second;
  }
  auto blessings = Blessings::from_wire(*request.Blessings);
  if (!blessings) return kInvalidClientBlessings(blessings.error().message());
  if (blessings->is_zero() || !(blessings->public_key() == peer_)) {
    return verror::NoAccess("the blessings of the request are not bound to the key of the connection");
  }
  if (known != known_.end()) {
    if (!(known->second == *blessings)) return kInvalidClientBlessings("other blessings were known by this key");
    return known->second;
  }
  if (known_.size() >= kMaxKnown) return kInvalidClientBlessings("too many of them");
  known_.emplace(request.Key, *blessings);
  return blessings;
}

}  // namespace nb::rpc

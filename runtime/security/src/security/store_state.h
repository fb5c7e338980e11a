// What a blessing store holds, without locks and files: the rules of docs/spec/security.md 12.1, and the form in which
// it stands in blessingstore.data (12.4).
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/blessing_store.h>

#include "security/discharge_cache.h"

namespace nb::security {

class StoreState {
 public:
  explicit StoreState(PublicKey key) : key_(std::move(key)) {}

  // Refuses (BadArg) what is malformed, and blessings that are not bound to `key`. Discharges under keys that we cannot
  // make, those that are too large, and duplicates of the cache in its older place, are left out.
  static Result<StoreState> from_bytes(const PublicKey& key, BytesView bytes, ChainCache* cache = nullptr);
  Result<Bytes> to_bytes() const;

  const PublicKey& key() const { return key_; }
  Result<Blessings> set(const Blessings& blessings, const BlessingPattern& pattern);
  Blessings for_peer(const std::vector<std::string>& names) const;
  Result<void> set_default(const Blessings& blessings);
  const Blessings& default_blessings() const { return default_; }
  const std::map<BlessingPattern, Blessings>& peer_blessings() const { return peers_; }
  std::string to_string() const;

  DischargeCache discharges;

 private:
  Result<void> check_bound(const Blessings& blessings) const;

  PublicKey key_;
  std::map<BlessingPattern, Blessings> peers_;
  Blessings default_;
};

}  // namespace nb::security

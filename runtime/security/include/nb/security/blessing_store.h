// Blessing store: which blessings a principal shows to whom, and the discharges that go with them
// (docs/spec/security.md 9.7 and 12.1).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/discharge.h>
#include <nb/security/pattern.h>

namespace nb {

struct CachedDischarge {
  Discharge discharge;
  std::optional<Time> cached_at;  // none: not known
};

// Any number of threads.
class BlessingStore {
 public:
  virtual ~BlessingStore() = default;
  virtual const PublicKey& public_key() const = 0;

  // Shows `blessings` to peers whose names match `pattern`; zero blessings stop that. They must be bound to the store's
  // key, the pattern valid. Returns what was there before.
  virtual Result<Blessings> set(const Blessings& blessings, const BlessingPattern& pattern) = 0;
  // The union of all that are for a peer with these names; zero when there are none.
  virtual Blessings for_peer(const std::vector<std::string>& names) const = 0;
  // What a server shows to everybody. Bound to the store's key, or zero.
  virtual Result<void> set_default(const Blessings& blessings) = 0;
  virtual Blessings default_blessings() const = 0;
  // Calls back whenever the default blessings change, one change after the other in their order: on the thread that
  // made the change, or on one that is still telling of a change before it. Dropping the token ends it, and waits while
  // another thread is in the callback; the callback itself may drop it. So hold no lock there that the callback takes.
  virtual std::shared_ptr<void> on_default_changed(std::function<void(const Blessings&)> callback) = 0;
  virtual std::map<BlessingPattern, Blessings> peer_blessings() const = 0;

  // The discharge cache. Keyed as 9.7 says; caveats whose discharger wants the arguments are not kept; what has expired
  // at `now` is dropped at lookup. At most 4096 and 8 MiB, the ones nearest to expiry go first; one of more than 64 KiB
  // or 64 caveats is not kept.
  virtual void cache_discharge(const Discharge& discharge, const Caveat& caveat,
                               const v23::security::DischargeImpetus& impetus, Time now) = 0;
  virtual std::optional<CachedDischarge> discharge(const Caveat& caveat, const v23::security::DischargeImpetus& impetus,
                                                   Time now) = 0;
  virtual void clear_discharges(const Discharges& discharges) = 0;

  // For people.
  virtual std::string to_string() const = 0;
};

std::shared_ptr<BlessingStore> memory_store(const PublicKey& key);
// Shows these to everybody, and cannot be changed (discharges are kept).
std::shared_ptr<BlessingStore> fixed_store(const Blessings& blessings);

}  // namespace nb

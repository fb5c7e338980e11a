// Discharges that were fetched, for as long as they are of use (docs/spec/security.md 9.7). In memory, bounded; whoever
// has one guards it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include <nb/security/blessing_store.h>

#include "v.io/x/ref/lib/security/security.vdl.h"

namespace nb::security {

using DischargeKey = x::ref::lib::security::dischargeCacheKey;

// SHA-256( SHA-256(id) ‖ SHA-256(method) ‖ SHA-256(sorted server patterns joined by ",") ), the latter two empty unless
// the caveat wants its discharger to know them. None: no third-party caveat, or one whose discharger wants to see the
// arguments.
std::optional<DischargeKey> discharge_key(const Caveat& caveat, const v23::security::DischargeImpetus& impetus);

class DischargeCache {
 public:
  // At most so many, and of so many bytes together: with the blessings they stand in one file, which has a limit.
  explicit DischargeCache(std::size_t capacity = 4096, std::size_t max_bytes = 8 << 20)
      : capacity_(capacity), max_bytes_(max_bytes) {}

  // What was there under the key goes. When there are too many, those that expire first go. One that is_small() says
  // is not, is not kept.
  void add(const DischargeKey& key, CachedDischarge discharge);
  // Drops it when it has expired.
  std::optional<CachedDischarge> find(const DischargeKey& key, Time now);
  // Those with the same content, whatever the key. Returns how many there were.
  std::size_t remove(const Discharges& discharges);

  std::size_t size() const { return entries_.size(); }
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [key, entry] : entries_) f(key, entry.discharge);
  }

 private:
  struct Entry {
    CachedDischarge discharge;
    std::optional<Time> expiry;
    std::size_t size = 0;
  };

  void drop_one();

  std::size_t capacity_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::map<DischargeKey, Entry> entries_;
};

}  // namespace nb::security

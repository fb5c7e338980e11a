// DialErrors: why the latest dials failed, for a while (docs/spec/flow-protocol.md 11.3). A connection that is not
// there can so be explained; it keeps nobody from dialing again. Only a table; the manager guards it.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <unordered_map>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/error.h>

#include "conn/cache_key.h"

namespace nb::conn {

class DialErrors {
 public:
  static constexpr std::chrono::minutes kAge{5};
  static constexpr std::size_t kMost = 1024;  // keys; beyond it the oldest are forgotten

  void remember(const std::vector<CacheKey>& keys, const Error& why, Clock::Steady now);
  void forget(const CacheKey& key);
  // No error: none of the last five minutes.
  Error find(const CacheKey& key, Clock::Steady now) const;
  std::size_t size() const { return by_key_.size(); }

 private:
  struct Entry {
    CacheKey key;
    Error why;
    Clock::Steady when;
  };
  std::list<Entry> entries_;  // the oldest first
  std::unordered_map<CacheKey, std::list<Entry>::iterator, CacheKeyHash> by_key_;
};

}  // namespace nb::conn

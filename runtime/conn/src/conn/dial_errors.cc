#include "conn/dial_errors.h"

namespace nb::conn {

void DialErrors::remember(const std::vector<CacheKey>& keys, const Error& why, Clock::Steady now) {
  for (const CacheKey& key : keys) {
    forget(key);
    entries_.push_back({key, why, now});
    by_key_.emplace(key, std::prev(entries_.end()));
  }
  while (!entries_.empty() && (entries_.size() > kMost || now - entries_.front().when > kAge)) {
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
  }
}

void DialErrors::forget(const CacheKey& key) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return;
  entries_.erase(it->second);
  by_key_.erase(it);
}

Error DialErrors::find(const CacheKey& key, Clock::Steady now) const {
  const auto it = by_key_.find(key);
  if (it == by_key_.end() || now - it->second->when > kAge) return {};
  return it->second->why;
}

}  // namespace nb::conn

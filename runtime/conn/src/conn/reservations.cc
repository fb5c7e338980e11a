#include "conn/reservations.h"

#include <algorithm>
#include <utility>

#include "conn/pending_dial.h"

namespace nb::conn {

std::shared_ptr<PendingDial> Reservations::find(const CacheKey& key) const {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  const auto& dial = by_dial_.at(it->second).dial;
  return dial->is_over() ? nullptr : dial;  // it has not been released yet
}

Reservations::Taken Reservations::take(const Wanted& wanted, bool has_connections_there,
                                       const std::function<std::shared_ptr<PendingDial>()>& make) {
  if (auto there = find(wanted.path ? *wanted.path : wanted.address)) return {std::move(there), Way::kJoined};
  Reserved reserved;
  reserved.dial = make();
  Way way = Way::kDial;
  if (!wanted.path) {
    reserved.keys = {wanted.address};
  } else if (const auto first = find(wanted.address)) {
    reserved.keys = {*wanted.path};
    by_dial_.at(first.get()).followers.push_back(reserved.dial);
    way = Way::kFollow;
  } else if (has_connections_there) {
    reserved.keys = {*wanted.path};
    way = Way::kThrough;
  } else {
    reserved.keys = {wanted.address, *wanted.path};
  }
  for (const CacheKey& key : reserved.keys) by_key_[key] = reserved.dial.get();
  Taken taken{reserved.dial, way};
  by_dial_.emplace(taken.dial.get(), std::move(reserved));
  return taken;
}

std::vector<std::shared_ptr<PendingDial>> Reservations::over(PendingDial& dial) {
  const auto it = by_dial_.find(&dial);
  if (it == by_dial_.end()) return {};
  std::erase_if(it->second.keys, [&](const CacheKey& key) {
    if (!key.id.is_null()) return false;
    // A dial that nobody waited for may have been replaced by another one.
    if (const auto at = by_key_.find(key); at != by_key_.end() && at->second == &dial) by_key_.erase(at);
    return true;
  });
  auto followers = std::move(it->second.followers);
  it->second.followers.clear();
  return followers;
}

std::vector<std::shared_ptr<PendingDial>> Reservations::release(PendingDial& dial) {
  auto followers = over(dial);
  const auto it = by_dial_.find(&dial);
  if (it == by_dial_.end()) return followers;
  for (const CacheKey& key : it->second.keys) {
    if (const auto at = by_key_.find(key); at != by_key_.end() && at->second == &dial) by_key_.erase(at);
  }
  by_dial_.erase(it);
  return followers;
}

std::vector<CacheKey> Reservations::keys_of(PendingDial& dial) const {
  const auto it = by_dial_.find(&dial);
  return it == by_dial_.end() ? std::vector<CacheKey>() : it->second.keys;
}

std::vector<std::shared_ptr<PendingDial>> Reservations::all() const {
  std::vector<std::shared_ptr<PendingDial>> dials;
  dials.reserve(by_dial_.size());
  for (const auto& [dial, reserved] : by_dial_) dials.push_back(reserved.dial);
  return dials;
}

}  // namespace nb::conn

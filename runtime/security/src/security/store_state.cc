#include "security/store_state.h"

#include <nb/base/verror.h>
#include <nb/vom/vom.h>

namespace nb::security {
namespace {

using x::ref::lib::security::blessingStoreState;

// How discharge_key() makes keys. Go writes 0 into files that were never loaded.
constexpr std::uint32_t kKeyFormat = 1;

void add_discharges(DischargeCache& to, const blessingStoreState& from) {
  if (from.CacheKeyFormat != kKeyFormat) return;
  for (const auto& [key, discharge] : from.DischargeCache) to.add(key, CachedDischarge{discharge, std::nullopt});
  for (const auto& [key, cached] : from.Discharges) {
    const bool known = cached.CacheTime != Time();
    to.add(key, CachedDischarge{cached.Discharge, known ? std::optional(cached.CacheTime) : std::nullopt});
  }
}

std::string padded(std::string text) {
  constexpr std::size_t kWidth = 30;
  if (text.size() < kWidth) text.resize(kWidth, ' ');
  return text + "   ";
}

}  // namespace

Result<StoreState> StoreState::from_bytes(const PublicKey& key, BytesView bytes, ChainCache* cache) {
  // Many small caveats take more memory than bytes; a file that was written can be read.
  vom::Limits limits;
  limits.max_decoded_bytes = 1u << 30;
  auto wire = vom::decode<blessingStoreState>(bytes, vom::Trailing::kReject, limits);
  if (!wire) return wire.error();
  StoreState state(key);
  for (auto& [pattern, chains] : wire->PeerBlessings) {
    auto blessings = Blessings::from_wire(std::move(chains), cache);
    if (!blessings) return blessings.error();
    if (auto done = state.set(*blessings, pattern); !done) return done.error();
  }
  auto blessings = Blessings::from_wire(std::move(wire->DefaultBlessings), cache);
  if (!blessings) return blessings.error();
  if (auto done = state.set_default(*blessings); !done) return done.error();
  add_discharges(state.discharges, *wire);
  return state;
}

Result<Bytes> StoreState::to_bytes() const {
  blessingStoreState wire;
  for (const auto& [pattern, blessings] : peers_) wire.PeerBlessings.emplace(pattern, blessings.wire());
  wire.DefaultBlessings = default_.wire();
  discharges.for_each([&](const DischargeKey& key, const CachedDischarge& cached) {
    wire.Discharges.emplace(
        key, x::ref::lib::security::CachedDischarge(cached.discharge, cached.cached_at.value_or(Time())));
  });
  wire.CacheKeyFormat = kKeyFormat;
  return vom::encode(wire);
}

Result<void> StoreState::check_bound(const Blessings& blessings) const {
  if (blessings.is_zero() || blessings.public_key() == key_) return {};
  return verror::BadArg("blessings \"" + blessings.to_string() + "\" belong to another key than the store");
}

Result<Blessings> StoreState::set(const Blessings& blessings, const BlessingPattern& pattern) {
  if (!is_valid(pattern)) return verror::BadArg("\"" + pattern + "\" is not a pattern");
  if (auto bound = check_bound(blessings); !bound) return bound.error();
  Blessings before;
  if (const auto found = peers_.find(pattern); found != peers_.end()) before = found->second;
  if (blessings.is_zero()) {
    peers_.erase(pattern);
  } else {
    peers_.insert_or_assign(pattern, blessings);
  }
  return before;
}

Blessings StoreState::for_peer(const std::vector<std::string>& names) const {
  std::vector<Blessings> parts;
  for (const auto& [pattern, blessings] : peers_) {
    if (matches_any(pattern, names)) parts.push_back(blessings);
  }
  if (auto all = union_of(parts)) return *std::move(all);
  // Together they are too many for one object: as many as fit count, rather than none.
  Blessings some;
  for (const auto& part : parts) {
    if (auto more = union_of({some, part})) some = *std::move(more);
  }
  return some;
}

Result<void> StoreState::set_default(const Blessings& blessings) {
  if (auto bound = check_bound(blessings); !bound) return bound;
  default_ = blessings;
  return {};
}

std::string StoreState::to_string() const {
  std::string text = padded("Default Blessings") + default_.to_string() + '\n' + padded("Peer pattern") + "Blessings\n";
  const BlessingPattern everybody("...");
  if (const auto found = peers_.find(everybody); found != peers_.end()) {
    text += padded(everybody) + found->second.to_string() + '\n';
  }
  for (const auto& [pattern, blessings] : peers_) {
    if (pattern != everybody) text += padded(pattern) + blessings.to_string() + '\n';
  }
  return text;
}

}  // namespace nb::security

// The common half of all blessing stores: a StoreState behind a mutex, and those who want to know of changes. What
// differs, how a change is made to last and where a newer state comes from, is up to the derived class.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <nb/security/blessing_store.h>

#include "security/store_state.h"

namespace nb::security {

class Store : public BlessingStore {
 public:
  const PublicKey& public_key() const override { return key_; }
  Result<Blessings> set(const Blessings& blessings, const BlessingPattern& pattern) override;
  Blessings for_peer(const std::vector<std::string>& names) const override;
  Result<void> set_default(const Blessings& blessings) override;
  Blessings default_blessings() const override;
  std::shared_ptr<void> on_default_changed(std::function<void(const Blessings&)> callback) override;
  std::map<BlessingPattern, Blessings> peer_blessings() const override;
  void cache_discharge(const Discharge& discharge, const Caveat& caveat, const v23::security::DischargeImpetus& impetus,
                       Time now) override;
  std::optional<CachedDischarge> discharge(const Caveat& caveat, const v23::security::DischargeImpetus& impetus,
                                           Time now) override;
  void clear_discharges(const Discharges& discharges) override;
  std::string to_string() const override;

 protected:
  explicit Store(StoreState state) : key_(state.key()), state_(std::move(state)) {}

  using Change = std::function<Result<void>(StoreState&)>;
  // Called with the mutex held. change() makes one change, or none and says why; refresh() looks for a newer state.
  virtual Result<void> change(StoreState& state, const Change& change) = 0;
  virtual void refresh(StoreState&) const {}
  // Discharges are a help: what cannot be kept or forgotten for good is not worth an error.
  virtual void keep_discharge(StoreState& state, const DischargeKey& key, CachedDischarge discharge) {
    state.discharges.add(key, std::move(discharge));
  }
  virtual void forget_discharges(StoreState& state, const Discharges& discharges) {
    state.discharges.remove(discharges);
  }
  virtual std::optional<CachedDischarge> find_discharge(StoreState& state, const DischargeKey& key, Time now) {
    return state.discharges.find(key, now);
  }

 private:
  class Observer;
  // A refreshed state under the mutex; afterwards, without it, observers hear of a change of the default blessings.
  template <class F>
  auto with_state(F&& f) const;
  // Tells of all changes there are, in their order; nothing when another thread is at it, which then tells of them.
  void tell_observers() const;

  const PublicKey key_;
  mutable std::mutex mutex_;
  mutable StoreState state_;
  // Weak: the tokens own the callbacks.
  mutable std::vector<std::weak_ptr<Observer>> observers_;
  mutable std::deque<Blessings> untold_;  // changes that the observers have not heard of
  mutable bool is_telling_ = false;
};

}  // namespace nb::security

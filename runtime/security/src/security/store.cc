#include "security/store.h"

#include <utility>

#include <nb/base/verror.h>

#include "security/discharge_digest.h"

namespace nb {
namespace security {

// A callback, and whether it is still wanted. Whoever drops it waits while another thread is in it.
class Store::Observer {
 public:
  explicit Observer(std::function<void(const Blessings&)> callback) : callback_(std::move(callback)) {}
  void tell(const Blessings& now) {
    const std::lock_guard lock(mutex_);
    if (is_wanted_) callback_(now);
  }
  void drop() {
    const std::lock_guard lock(mutex_);
    is_wanted_ = false;
  }

 private:
  std::recursive_mutex mutex_;  // recursive: a callback may drop its own token, or make a change
  bool is_wanted_ = true;
  const std::function<void(const Blessings&)> callback_;
};

template <class F>
auto Store::with_state(F&& f) const {
  bool has_news = false;
  auto result = [&] {
    const std::lock_guard lock(mutex_);
    const Blessings before = state_.default_blessings();
    refresh(state_);
    auto given = f(state_);
    if (!(before == state_.default_blessings())) {
      untold_.push_back(state_.default_blessings());
      has_news = true;
    }
    return given;
  }();
  if (has_news) tell_observers();
  return result;
}

void Store::tell_observers() const {
  std::unique_lock lock(mutex_);
  if (is_telling_) return;
  is_telling_ = true;
  while (!untold_.empty()) {
    const Blessings now = std::move(untold_.front());
    untold_.pop_front();
    std::vector<std::shared_ptr<Observer>> observers;
    std::erase_if(observers_, [](const auto& one) { return one.expired(); });
    for (const auto& one : observers_) {
      if (auto observer = one.lock()) observers.push_back(std::move(observer));
    }
    lock.unlock();
    for (const auto& observer : observers) observer->tell(now);
    // Callbacks go without the mutex held: what they own may look at the store.
    observers.clear();
    lock.lock();
  }
  is_telling_ = false;
}

Result<Blessings> Store::set(const Blessings& blessings, const BlessingPattern& pattern) {
  return with_state([&](StoreState& state) -> Result<Blessings> {
    Blessings before;
    auto done = change(state, [&](StoreState& changed) -> Result<void> {
      auto old = changed.set(blessings, pattern);
      if (!old) return old.error();
      before = *std::move(old);
      return {};
    });
    if (!done) return done.error();
    return before;
  });
}

Blessings Store::for_peer(const std::vector<std::string>& names) const {
  return with_state([&](const StoreState& state) { return state.for_peer(names); });
}

Result<void> Store::set_default(const Blessings& blessings) {
  return with_state([&](StoreState& state) {
    return change(state, [&](StoreState& changed) { return changed.set_default(blessings); });
  });
}

Blessings Store::default_blessings() const {
  return with_state([](const StoreState& state) { return state.default_blessings(); });
}

std::shared_ptr<void> Store::on_default_changed(std::function<void(const Blessings&)> callback) {
  auto observer = std::make_shared<Observer>(std::move(callback));
  {
    const std::lock_guard lock(mutex_);
    observers_.push_back(observer);
  }
  // The token is another object than the observer: when it goes the callback is not called any more, even while the
  // observer lives on in a list of those to be told.
  auto* const address = observer.get();
  return std::shared_ptr<void>(address, [observer = std::move(observer)](void*) { observer->drop(); });
}

std::map<BlessingPattern, Blessings> Store::peer_blessings() const {
  return with_state([](const StoreState& state) { return state.peer_blessings(); });
}

void Store::cache_discharge(const Discharge& discharge, const Caveat& caveat,
                            const v23::security::DischargeImpetus& impetus, Time now) {
  const auto key = discharge_key(caveat, impetus);
  if (!key || !is_small(discharge) || discharge_id(discharge) != third_party(caveat)->id) return;
  with_state([&](StoreState& state) {
    keep_discharge(state, *key, CachedDischarge{discharge, now});
    return true;
  });
}

std::optional<CachedDischarge> Store::discharge(const Caveat& caveat, const v23::security::DischargeImpetus& impetus,
                                                Time now) {
  const auto key = discharge_key(caveat, impetus);
  if (!key) return std::nullopt;
  return with_state([&](StoreState& state) { return find_discharge(state, *key, now); });
}

void Store::clear_discharges(const Discharges& discharges) {
  with_state([&](StoreState& state) {
    forget_discharges(state, discharges);
    return true;
  });
}

std::string Store::to_string() const {
  return with_state([](const StoreState& state) { return state.to_string(); });
}

namespace {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(const PublicKey& key) : Store(StoreState(key)) {}

 private:
  Result<void> change(StoreState& state, const Change& change) override { return change(state); }
};

class FixedStore final : public Store {
 public:
  explicit FixedStore(StoreState state) : Store(std::move(state)) {}

 private:
  Result<void> change(StoreState&, const Change&) override {
    return verror::BadState("the blessings of this store cannot be changed");
  }
};

}  // namespace
}  // namespace security

std::shared_ptr<BlessingStore> memory_store(const PublicKey& key) {
  return std::make_shared<security::MemoryStore>(key);
}

std::shared_ptr<BlessingStore> fixed_store(const Blessings& blessings) {
  security::StoreState state(blessings.public_key());
  state.set(blessings, BlessingPattern("...")).value();
  state.set_default(blessings).value();
  return std::make_shared<security::FixedStore>(std::move(state));
}

}  // namespace nb

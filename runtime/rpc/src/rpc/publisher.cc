#include "rpc/publisher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nb/base/verror.h>

#include "rpc/resolver.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::seconds kPeriod(60);
constexpr std::chrono::seconds kSlack(20);
constexpr std::size_t kErrandsAtOnce = 8;

v23::naming::MountFlag flags_of(bool is_mount_table, bool is_leaf) {
  std::uint32_t flags = 0;
  if (is_mount_table) flags |= static_cast<std::uint32_t>(v23::naming::MT);
  if (is_leaf) flags |= static_cast<std::uint32_t>(v23::naming::Leaf);
  return v23::naming::MountFlag(flags);
}

}  // namespace

Publisher::Publisher(const std::shared_ptr<RuntimeCore>& runtime, bool is_mount_table, bool is_leaf)
    : runtime_(runtime),
      loop_(runtime->loop()),
      flags_(flags_of(is_mount_table, is_leaf)),
      mounting_(runtime->context().with_cancel()) {}

void Publisher::add_name(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || !names_.insert(name).second) return;
    want();
  }
  go_on();
}

void Publisher::remove_name(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || names_.erase(name) == 0) return;
    want();
  }
  go_on();
}

void Publisher::set_servers(const std::vector<std::string>& servers) {
  {
    const std::lock_guard lock(mutex_);
    std::set<std::string> wanted(servers.begin(), servers.end());
    if (is_stopping_ || wanted == servers_) return;
    servers_ = std::move(wanted);
    want();
  }
  go_on();
}

void Publisher::want() {
  for (auto& [key, entry] : entries_) entry.is_wanted = names_.contains(key.first) && servers_.contains(key.second);
  for (const std::string& name : names_) {
    for (const std::string& server : servers_) {
      Entry& entry = entries_[Key(name, server)];
      entry.known.name = name;
      entry.known.server = server;
    }
  }
}

bool Publisher::is_due(const Entry& entry) const {
  if (entry.is_busy) return false;
  const bool is_wanted = entry.is_wanted && !is_stopping_;
  return entry.told != is_wanted || (entry.round < round_ && !is_stopping_);
}

std::vector<Publisher::Errand> Publisher::take_due() {
  std::erase_if(entries_, [this](const auto& each) {
    const Entry& entry = each.second;
    return !entry.is_busy && !entry.told && (!entry.is_wanted || is_stopping_);  // no table has ever heard of it
  });
  std::vector<std::map<Key, Entry>::iterator> due;
  for (auto each = entries_.begin(); each != entries_.end(); ++each) {
    if (is_due(each->second)) due.push_back(each);
  }
  std::ranges::stable_sort(due, [](const auto& a, const auto& b) { return a->second.tried_at < b->second.tried_at; });
  std::vector<Errand> errands;
  const auto now = loop_->clock()->now();
  for (const auto& each : due) {
    if (under_way_ == kErrandsAtOnce) break;
    Entry& entry = each->second;
    entry.is_busy = true;
    entry.told = entry.is_wanted && !is_stopping_;
    entry.round = round_;
    entry.tried_at = now;
    ++under_way_;
    errands.emplace_back(each->first, *entry.told, is_stopping_);
  }
  return errands;
}

void Publisher::go_on() {
  const auto runtime = runtime_.lock();
  std::vector<Errand> errands;
  std::vector<std::function<void()>> stopped;
  {
    const std::lock_guard lock(mutex_);
    if (runtime != nullptr) {
      errands = take_due();
    } else {
      entries_.clear();  // nobody is left to call from
    }
    set_timer();
    if (is_stopping_ && under_way_ == 0) stopped.swap(on_stopped_);
  }
  for (Errand& errand : errands) (void)nb::start(runtime->home(), work(shared_from_this(), runtime, std::move(errand)));
  for (const auto& each : stopped) each();
}

void Publisher::set_timer() {
  if (timer_ != TimerId::kNone || is_stopping_ || entries_.empty()) return;
  timer_ = loop_->call_at(loop_->clock()->now() + kPeriod, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

void Publisher::tick() {
  {
    const std::lock_guard lock(mutex_);
    timer_ = TimerId::kNone;
    if (is_stopping_) return;
    ++round_;
  }
  go_on();
}

Task<void> Publisher::work(std::shared_ptr<Publisher> self, std::shared_ptr<RuntimeCore> runtime, Errand errand) {
  const auto ttl = static_cast<std::uint32_t>((kPeriod + kSlack).count());
  const auto& [name, server] = errand.key;
  Result<void> result;
  if (errand.is_mount) {
    auto mounting = mount(runtime, self->mounting_.context, name, server, ttl, self->flags_, CallOptions());
    result = co_await std::move(mounting);
  } else {
    CallOptions options;
    if (errand.is_last) options.no_retry();
    auto unmounting = unmount(runtime, runtime->context(), name, server, options);
    result = co_await std::move(unmounting);
  }
  self->done(errand, result);
  self->go_on();
}

void Publisher::done(const Errand& errand, const Result<void>& result) {
  const auto now = loop_->clock()->now();
  const auto wall_now = loop_->clock()->wall_now();
  const std::lock_guard lock(mutex_);
  --under_way_;
  const auto found = entries_.find(errand.key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.is_busy = false;
  if (errand.is_mount) {
    entry.mounted_at = now;
    entry.unmounted_at.reset();
    entry.known.last_mount = wall_now;
    entry.known.last_mount_error = result.error();
    entry.known.ttl = kPeriod + kSlack;
    return;
  }
  entry.unmounted_at = now;
  entry.known.last_unmount = wall_now;
  entry.known.last_unmount_error = result.error();
  if (is_stopping_ || (result && !entry.is_wanted)) entries_.erase(found);
}

PublishState Publisher::state_of(const Entry& entry, Clock::Steady now) const {
  if (!entry.mounted_at) return PublishState::kUnmounted;
  const auto since = now - *entry.mounted_at;
  if (since > kPeriod + 2 * kSlack) return PublishState::kUnmounted;
  if (entry.unmounted_at) return entry.known.last_unmount_error ? PublishState::kUnmounting : PublishState::kUnmounted;
  if (entry.known.last_mount_error) return PublishState::kMounting;
  return since < kPeriod ? PublishState::kMounted : PublishState::kMounting;
}

std::vector<PublishedName> Publisher::status() const {
  const auto now = loop_->clock()->now();
  const std::lock_guard lock(mutex_);
  std::vector<PublishedName> all;
  for (const auto& [key, entry] : entries_) {
    PublishedName one = entry.known;
    one.last_state = state_of(entry, now);
    one.desired_state = entry.is_wanted && !is_stopping_ ? PublishState::kMounted : PublishState::kUnmounted;
    all.push_back(std::move(one));
  }
  return all;
}

void Publisher::stop(std::function<void()> done) {
  TimerId timer = TimerId::kNone;
  {
    const std::lock_guard lock(mutex_);
    // Those that are to be unmounted anyway, and could not be, get their last chance now.
    if (!std::exchange(is_stopping_, true)) {
      for (auto& [key, entry] : entries_) {
        if (entry.told && !entry.is_busy) entry.told = true;
      }
    }
    timer = std::exchange(timer_, TimerId::kNone);
    on_stopped_.push_back(std::move(done));
  }
  if (timer != TimerId::kNone) loop_->forget(timer);
  mounting_.canceler.cancel();
  go_on();
}

}  // namespace nb::rpc

#include "rpc/publisher.h"

#include <chrono>
#include <optional>

#include <nb/base/verror.h>

#include "rpc/resolver.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::seconds kPeriod(60);
constexpr std::chrono::seconds kSlack(20);

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
  wake();
}

void Publisher::remove_name(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || names_.erase(name) == 0) return;
    want();
  }
  wake();
}

void Publisher::set_servers(const std::vector<std::string>& servers) {
  {
    const std::lock_guard lock(mutex_);
    std::set<std::string> wanted(servers.begin(), servers.end());
    if (is_stopping_ || wanted == servers_) return;
    servers_ = std::move(wanted);
    want();
  }
  wake();
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

void Publisher::wake() {
  const auto runtime = runtime_.lock();
  {
    const std::lock_guard lock(mutex_);
    if (runtime == nullptr || is_working_ || entries_.empty()) return;
    is_working_ = true;
    tried_.clear();
    if (timer_ == TimerId::kNone && !is_stopping_) {
      timer_ = loop_->call_at(loop_->clock()->now() + kPeriod, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
      });
    }
  }
  (void)nb::start(runtime->home(), work(shared_from_this(), runtime));
}

void Publisher::tick() {
  {
    const std::lock_guard lock(mutex_);
    timer_ = TimerId::kNone;
    if (is_stopping_) return;
    is_refresh_ = true;
    // Of a round that is not over those that were tried long ago are tried again.
    tried_.clear();
  }
  wake();
}

std::vector<Publisher::Key> Publisher::to_do(bool& is_mount) {
  const std::lock_guard lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto& [key, entry] = *at;
    const bool is_wanted = entry.is_wanted && !is_stopping_;
    if (!is_wanted && !entry.mounted_at) {
      at = entries_.erase(at);  // it never was mounted
      continue;
    }
    const bool was_tried = tried_.contains({key, is_wanted});
    const bool is_due =
        is_wanted ? !entry.mounted_at || is_refresh_ : !entry.unmounted_at || is_refresh_ || is_stopping_;
    if (is_due && !was_tried) {
      tried_.insert({key, is_wanted});
      is_mount = is_wanted;
      return {key};
    }
    ++at;
  }
  is_working_ = false;
  is_refresh_ = false;
  return {};
}

Task<void> Publisher::work(std::shared_ptr<Publisher> self, std::shared_ptr<RuntimeCore> runtime) {
  const auto ttl = static_cast<std::uint32_t>((kPeriod + kSlack).count());
  while (true) {
    bool is_mount = false;
    const std::vector<Key> next = self->to_do(is_mount);
    if (next.empty()) break;
    const auto& [name, server] = next.front();
    CallOptions options;
    if (is_mount) {
      auto mounting = mount(runtime, self->mounting_.context, name, server, ttl, self->flags_, options);
      const auto result = co_await std::move(mounting);
      self->told(next.front(), true, result);
    } else {
      {
        const std::lock_guard lock(self->mutex_);
        if (self->is_stopping_) options.no_retry();
      }
      auto unmounting = unmount(runtime, runtime->context(), name, server, options);
      const auto result = co_await std::move(unmounting);
      self->told(next.front(), false, result);
    }
  }
  std::vector<std::function<void()>> told;
  {
    const std::lock_guard lock(self->mutex_);
    if (self->is_stopping_) told.swap(self->on_stopped_);
  }
  for (const auto& done : told) done();
}

void Publisher::told(const Key& key, bool is_mount, const Result<void>& result) {
  const auto now = loop_->clock()->now();
  const auto wall_now = loop_->clock()->wall_now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (is_mount) {
    entry.mounted_at = now;
    entry.unmounted_at.reset();
    entry.known.last_mount = wall_now;
    entry.known.last_mount_error = result.error();
    entry.known.ttl = kPeriod + kSlack;
  } else {
    entry.unmounted_at = now;
    entry.known.last_unmount = wall_now;
    entry.known.last_unmount_error = result.error();
    if (entry.is_wanted && !is_stopping_) {
      entry.mounted_at.reset();  // wanted again meanwhile
      tried_.erase({key, true});
    } else if (result || is_stopping_) {
      entries_.erase(found);
    }
  }
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
  bool has_ended = false;
  {
    const std::lock_guard lock(mutex_);
    const bool is_first = !std::exchange(is_stopping_, true);
    timer = std::exchange(timer_, TimerId::kNone);
    has_ended = !is_working_ && (entries_.empty() || !is_first || runtime_.expired());
    if (!has_ended) on_stopped_.push_back(std::exchange(done, nullptr));
    if (is_first) tried_.clear();
  }
  if (timer != TimerId::kNone) loop_->forget(timer);
  mounting_.canceler.cancel();
  if (has_ended) return done();
  wake();
}

}  // namespace nb::rpc

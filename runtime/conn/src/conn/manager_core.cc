#include "conn/manager_core.h"

#include <array>
#include <cstring>
#include <utility>

#include <nb/base/check.h>
#include <nb/base/verror.h>

#include "transport/errors.h"
#include "transport/random_source.h"

namespace nb::conn {
namespace {

// Not from a std::random_device: making one asks the processor what it can do, which took 12 us of a connection's 300
// on a virtual machine.
std::uint64_t random_seed() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  transport::system_random()(bytes);
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

ManagerOptions with_cache(ManagerOptions options) {
  if (!options.chain_cache) options.chain_cache = std::make_shared<ChainCache>();
  return options;
}

}  // namespace

Manager::Core::Core(ManagerOptions options) : options_(with_cache(std::move(options))) {
  NB_CHECK(options_.event_loop && options_.log, "a manager has an event loop and a log");
  NB_CHECK(options_.principal && options_.principal->can_sign(), "a manager has a principal that can sign");
}

void Manager::Core::start() {
  options_.event_loop->log_to(options_.log);
  LiveConnection::Household household;
  household.acceptor = options_.acceptor;
  household.linger = options_.close_linger;
  household.owner = weak_from_this();
  household.nameless = flow::ShownBlessings(Blessings::nameless(options_.principal->public_key()));
  default_shown_ = std::make_shared<DefaultShown>(options_.principal, options_.event_loop, options_.prepare_discharges,
                                                  [weak = weak_from_this()] {
                                                    if (auto self = weak.lock()) self->default_changed();
                                                  });
  household_ = std::make_shared<const LiveConnection::Household>(std::move(household));
  default_shown_->start();
  plan_sweep();
}

Manager::Core::Token Manager::Core::make_token(std::function<void()> when_all_are_gone) const {
  return Token(nullptr, [event_loop = options_.event_loop, done = std::move(when_all_are_gone)](void*) {
    if (done && !event_loop->post(done)) done();
  });
}

Error Manager::Core::closed_error() const { return transport::bad_state("the connection manager is closed"); }

flow::Options Manager::Core::flow_options(flow::Role role, const DefaultShown::Current& shown) const {
  flow::Options flow(role);
  flow.identity.principal = options_.principal;
  flow.identity.shown = shown.shown;
  flow.identity.nameless = household_->nameless;
  flow.identity.chain_cache = options_.chain_cache;
  flow.identity.randomness = options_.randomness;
  flow.identity.offers_aes_gcm = options_.offers_aes_gcm;
  flow.versions = options_.versions;
  flow.mtu = options_.mtu;
  flow.window = options_.window;
  flow.accepts_flows = options_.acceptor != nullptr && !options_.routing_id.is_null();
  flow.channel_timeout = options_.channel_timeout;
  flow.handshake_timeout = options_.handshake_timeout;
  flow.first_frame_timeout = options_.first_frame_timeout;
  flow.lame_duck_timeout = options_.lame_duck_timeout;
  flow.limits = options_.limits;
  flow.table_seed = random_seed();
  return flow;
}

// ---- the table of connections ----

Result<void> Manager::Core::check_room(const Known& known) const {
  if (connections_.size() >= options_.max_connections) {
    return transport::bad_state("too many connections, the limit is " + std::to_string(options_.max_connections));
  }
  if (!known.is_unauthenticated) return {};
  if (unauthenticated_ >= options_.max_unauthenticated) {
    return transport::bad_state("too many connections in their handshake, the limit is " +
                                std::to_string(options_.max_unauthenticated));
  }
  const auto it = unauthenticated_from_.find(known.source);
  if (it != unauthenticated_from_.end() && it->second >= options_.max_unauthenticated_of_one_source) {
    return transport::bad_state("too many connections in their handshake from " + known.source + ", the limit is " +
                                std::to_string(options_.max_unauthenticated_of_one_source));
  }
  return {};
}

Result<void> Manager::Core::admit(Known known) {
  const auto connection = known.connection;
  const std::uint64_t version = known.shown_version;
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return closed_error();
    if (auto room = check_room(known); !room) return room;
    if (known.is_unauthenticated) {
      ++unauthenticated_from_[known.source];
      ++unauthenticated_;
    }
    connections_.emplace(connection.get(), std::move(known));
  }
  // What it shows may have changed between its making and now, and default_changed() did not know it yet.
  if (default_shown_->current().version != version) show(connection);
  return {};
}

void Manager::Core::not_unauthenticated(Known& known) {
  if (!std::exchange(known.is_unauthenticated, false)) return;
  --unauthenticated_;
  const auto it = unauthenticated_from_.find(known.source);
  if (it != unauthenticated_from_.end() && --it->second == 0) unauthenticated_from_.erase(it);
}

void Manager::Core::established(LiveConnection& connection, bool) {
  std::shared_ptr<PendingDial> dial;
  std::shared_ptr<LiveConnection> self;
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(&connection);
    if (it == connections_.end()) return;
    Known& known = it->second;
    not_unauthenticated(known);
    known.is_established = true;
    known.local_shown = connection.local_shown();
    known.remote_shown = connection.remote_shown();
    known.awaits_discharges = connection.awaits_discharges();
    self = known.connection;
    if (!is_closed_) cache(known, connection.remote_endpoint());
    // They are judged by their discharges.
    if (known.awaits_discharges && known.dial) known.dial->forget_verdicts();
    if (!known.awaits_discharges) dial = std::exchange(known.dial, nullptr);
  }
  if (dial) arrived(self, dial);
}

// One that was dialed is found by its address as well, one that was accepted or leads through a proxy is not.
void Manager::Core::cache(const Known& known, const naming::Endpoint& remote) {
  std::vector<CacheKey> keys;
  if (!known.dialed_key.place.empty()) keys.push_back(known.dialed_key);
  if (!known.resolved_key.place.empty()) keys.push_back(known.resolved_key);
  if (!remote.routing_id.is_null()) keys.push_back(routing_key(remote.routing_id));
  for (const CacheKey& key : keys) dial_errors_.forget(key);
  cache_.add(known.connection, std::move(keys));
}

void Manager::Core::peer_shows(LiveConnection& connection) {
  std::shared_ptr<PendingDial> dial;
  std::shared_ptr<LiveConnection> self;
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(&connection);
    if (it == connections_.end() || !it->second.is_established) return;
    Known& known = it->second;
    known.remote_shown = connection.remote_shown();
    known.ends = nullptr;
    known.awaits_discharges = connection.awaits_discharges();
    self = known.connection;
    if (!known.awaits_discharges) dial = std::exchange(known.dial, nullptr);
  }
  if (dial) arrived(self, dial);
  lead_on(self);
}

void Manager::Core::peer_in_lame_duck(LiveConnection& connection) {
  std::lock_guard lock(mutex_);
  cache_.remove(connection);
}

void Manager::Core::lame_duck_done(LiveConnection& connection) {
  std::vector<Token> released;  // outside the lock
  std::lock_guard lock(mutex_);
  const auto it = connections_.find(&connection);
  if (it != connections_.end()) released.swap(it->second.until_lame_duck_done);
}

void Manager::Core::ended(LiveConnection& connection, const Error& why) {
  std::vector<Token> released;
  std::shared_ptr<PendingDial> dial;
  std::shared_ptr<LiveConnection> self;
  {
    std::lock_guard lock(mutex_);
    cache_.remove(connection);
    const auto it = connections_.find(&connection);
    if (it == connections_.end()) return;
    Known& known = it->second;
    not_unauthenticated(known);
    released.swap(known.until_lame_duck_done);
    dial = std::exchange(known.dial, nullptr);
    self = known.connection;
  }
  lead_on(self);
  if (!dial) return;
  // It did not get through its handshake.
  const std::string text =
      "dialing " + naming::to_string(connection.remote_endpoint()) + ": " + std::string(why.message());
  const bool is_told_as_it_is = verror::Timeout.matches(why) || verror::NotTrusted.matches(why);
  finish_dial(*dial, is_told_as_it_is ? why.with_message(text) : transport::dial_failed(text));
}

void Manager::Core::gone(LiveConnection& connection) {
  std::vector<Token> released;
  Known last;  // the object may go with it; not under the lock
  std::lock_guard lock(mutex_);
  const auto it = connections_.find(&connection);
  if (it == connections_.end()) return;
  last = std::move(it->second);
  not_unauthenticated(last);
  connections_.erase(it);
  if (is_closed_ && connections_.empty()) released.swap(until_all_is_gone_);
}

std::vector<std::shared_ptr<LiveConnection>> Manager::Core::connections() const {
  std::vector<std::shared_ptr<LiveConnection>> all;
  std::lock_guard lock(mutex_);
  all.reserve(connections_.size());
  for (const auto& [key, known] : connections_) all.push_back(known.connection);
  return all;
}

// ---- the end ----

void Manager::Core::close(std::function<void()> done) {
  const Token token = make_token(std::move(done));
  std::vector<ListeningAt> listeners;
  std::map<std::string, ProxiedAt> proxied;
  std::vector<std::shared_ptr<PendingDial>> dials;
  default_shown_->stop();
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
    if (!connections_.empty()) until_all_is_gone_.push_back(token);
    listeners.swap(listeners_);
    proxied = take_proxied();
    endpoint_watchers_.clear();
    dials = reservations_.all();
  }
  options_.event_loop->forget(sweep_timer_);
  for (const auto& at : listeners) at.listener->close([token] {});
  stop_proxied(proxied);
  for (const auto& dial : dials) {
    finish_dial(*dial, closed_error());
    // Its transport is dropped on its loop.
    dial->loop()->post([token] {});
  }
  end_connections([token](LiveConnection& connection) {
    connection.close(transport::bad_state("the connection manager was closed"));
  });
}

void Manager::Core::abandon() {
  close({});
  for (const auto& connection : connections()) {
    const bool posted = connection->post(
        [connection] { connection->abandon(transport::bad_state("the connection manager was closed")); });
    // The loop has stopped, but a turn of it may be inside the connection at this moment, on another thread.
    if (!posted) connection->loop()->post_last([connection] { connection->discard(); });
  }
}

}  // namespace nb::conn

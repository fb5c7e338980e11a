// How a manager finds a connection that is there, and asks whether it will do (docs/spec/flow-protocol.md 11.2).
#include <algorithm>
#include <utility>

#include "conn/manager_core.h"
#include "transport/errors.h"

namespace nb::conn {

CacheKey Manager::Core::key_of(const naming::Endpoint& endpoint) const {
  // A routing id says it all, wherever that server is.
  if (!endpoint.routing_id.is_null()) return routing_key(endpoint.routing_id);
  const auto entry = options_.protocols.find(endpoint.protocol);
  return address_key(entry ? entry->dial_as : endpoint.protocol, endpoint.address);
}

Error Manager::Core::not_cached(const naming::Endpoint& endpoint) const {
  const std::string text = "no connection to " + naming::to_string(endpoint) + " is open";
  const CacheKey key = key_of(endpoint);
  std::lock_guard lock(mutex_);
  const Error why = dial_errors_.find(key, options_.event_loop->clock()->now());
  if (!why) return transport::bad_state(text);
  return transport::bad_state(text + "; the latest dial: " + std::string(why.message())).with_sub_error("dial", why);
}

std::vector<Manager::Core::Candidate> Manager::Core::candidates(const Wish& wish) const {
  const CacheKey key = key_of(wish.endpoint);
  std::vector<Candidate> found;
  {
    std::lock_guard lock(mutex_);
    for (const auto& connection : cache_.find(key)) {
      if (wish.options.underlying && connection != wish.options.underlying) continue;
      if (wish.options.only_dialed && !leads_to(*connection, wish.endpoint)) continue;
      const Known& known = connections_.at(connection.get());
      if (!known.ends) {
        known.ends = std::make_shared<const Ends>(connection->local_endpoint(), connection->remote_endpoint(),
                                                  known.local_shown, known.remote_shown);
      }
      found.push_back({connection, known.ends, known.awaits_discharges});
    }
  }
  if (found.size() < 2) return found;
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.connection->rtt() < b.connection->rtt(); });
  return found;
}

bool Manager::Core::leads_to(LiveConnection& connection, const naming::Endpoint& endpoint) const {
  const auto entry = options_.protocols.find(endpoint.protocol);
  const std::string& protocol = entry ? entry->dial_as : endpoint.protocol;
  const auto known = connections_.find(&connection);
  if (known != connections_.end() && !known->second.path.place.empty() &&
      known->second.path == path_key(protocol, endpoint.address, endpoint.routing_id)) {
    return true;
  }
  const auto keys = cache_.keys_of(connection);
  return std::find(keys.begin(), keys.end(), address_key(protocol, endpoint.address)) != keys.end();
}

Manager::Core::Choice Manager::Core::choose(const Wish& wish, bool may_dial) const {
  Choice fallback;
  for (const Candidate& candidate : candidates(wish)) {
    Choice choice;
    choice.connection = candidate.connection;
    choice.awaits_discharges = candidate.awaits_discharges;
    if (!choice.awaits_discharges) {
      choice.verdict = judge_peer(options_, wish, *candidate.ends);
      if (choice.verdict) return choice;
    }
    if (may_dial) {
      std::lock_guard lock(mutex_);
      if (!leads_to(*candidate.connection, wish.endpoint)) continue;
    }
    const bool is_better = choice.awaits_discharges && !fallback.awaits_discharges;
    if (!fallback.connection || is_better) fallback = std::move(choice);
  }
  return fallback;
}

Result<Dialed> Manager::Core::dial_cached(const Wish& wish) const {
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return closed_error();
  }
  Choice choice = choose(wish, false);
  if (!choice.connection || choice.awaits_discharges) return not_cached(wish.endpoint);
  if (!choice.verdict) return choice.verdict.error();
  return Dialed(std::move(choice.connection), *std::move(choice.verdict), wish.options);
}

void Manager::Core::use_cached(const std::shared_ptr<LiveConnection>& connection, BlessingNames names, Wish wish,
                               int tries_left) {
  const DialDone done = wish.done;
  const bool posted = connection->post(
      [self = shared_from_this(), connection, names = std::move(names), wish = std::move(wish), tries_left]() mutable {
        if (connection->can_open_flows() || tries_left == 0) {
          return wish.done(Dialed(connection, std::move(names), wish.options));
        }
        // It began to end a moment ago.
        self->peer_in_lame_duck(*connection);
        self->dial(std::move(wish), tries_left - 1);
      });
  if (!posted) done(closed_error());
}

void Manager::Core::wait_for_discharges(const std::shared_ptr<LiveConnection>& connection, Wish wish, int tries_left) {
  std::shared_ptr<PendingDial> room;
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(connection.get());
    if (it != connections_.end() && it->second.awaits_discharges) {
      auto& known = it->second.dial;
      if (!known || known->is_over()) known = std::make_shared<PendingDial>(connection->loop(), [](PendingDial&) {});
      room = known;
    }
  }
  if (room && room->add(wish)) return;
  // They have come meanwhile, or the connection has ended.
  const DialDone done = wish.done;
  const bool posted = connection->post([self = shared_from_this(), wish = std::move(wish), tries_left]() mutable {
    if (tries_left == 0) return wish.done(self->not_cached(wish.endpoint));
    self->dial(std::move(wish), tries_left - 1);
  });
  if (!posted) done(closed_error());
}

void Manager::Core::serve(const std::shared_ptr<LiveConnection>& connection, std::vector<PendingDial::Waiter> waiters) {
  if (waiters.empty()) return;
  const Ends ends{connection->local_endpoint(), connection->remote_endpoint(), connection->local_shown(),
                  connection->remote_shown()};
  for (PendingDial::Waiter& waiter : waiters) {
    Wish& wish = waiter.wish;
    connection->loop()->guard([&] {
      // Who came after the others had been asked, or was not asked because it seemed to be a proxy.
      if (!waiter.verdict) {
        auto verdict = judge_peer(options_, wish, ends);
        if (!verdict) return wish.done(verdict.error());
        waiter.verdict = *std::move(verdict);
      }
      wish.done(Dialed(connection, *std::move(waiter.verdict), wish.options));
    });
  }
}

}  // namespace nb::conn

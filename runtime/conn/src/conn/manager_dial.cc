// How a manager dials: the cache first, then the dial to the same place that is under way, then a new one.
#include <algorithm>
#include <utility>

#include <nb/base/verror.h>

#include "conn/manager_core.h"
#include "transport/errors.h"

namespace nb::conn {

// The transport's part of a dial. Only touched on the dial's loop.
struct Manager::Core::DialBox {
  std::shared_ptr<transport::Dialing> dialing;  // dropping it gives the dial up
  bool is_given_up = false;
  std::optional<Clock::Steady> deadline;  // of the transport's part
  TimerId timer = TimerId::kNone;
};

namespace {

// The endpoint's server has been replaced by another one at the same address, or stands behind a proxy.
Error wrong_routing_id(const naming::Endpoint& wanted, const naming::RoutingId& found) {
  return transport::dial_failed("dialing " + naming::to_string(wanted) + ": the server there has the routing id " +
                                naming::to_string(found));
}

bool is_meant(const Wish& wish, const naming::RoutingId& found) {
  return wish.endpoint.routing_id.is_null() || wish.endpoint.routing_id == found;
}

Error not_cached(const naming::Endpoint& endpoint) {
  return transport::bad_state("no connection to " + naming::to_string(endpoint) + " is open");
}

}  // namespace

// ---- connections that are there ----

std::vector<Manager::Core::Candidate> Manager::Core::candidates(const naming::Endpoint& endpoint) const {
  auto entry = options_.protocols.find(endpoint.protocol);
  const std::string protocol = entry ? entry->dial_as : endpoint.protocol;
  std::vector<Candidate> found;
  std::unique_lock lock(mutex_);
  for (const auto& connection : cache_.find(lookup_keys(protocol, endpoint))) {
    const Known& known = connections_.at(connection.get());
    found.push_back(
        {connection,
         {connection->local_endpoint(), connection->remote_endpoint(), known.local_shown, known.remote_shown},
         known.awaits_discharges});
  }
  lock.unlock();
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.connection->rtt() < b.connection->rtt(); });
  return found;
}

std::optional<Result<BlessingNames>> Manager::Core::judge(const Wish& wish, const Ends& ends) const {
  if (!is_meant(wish, ends.remote.routing_id)) return std::nullopt;
  return judge_peer(options_, wish, ends);
}

Manager::Core::Choice Manager::Core::choose(const Wish& wish) const {
  Choice first;
  for (const Candidate& candidate : candidates(wish.endpoint)) {
    Choice choice;
    choice.connection = candidate.connection;
    choice.awaits_discharges = candidate.awaits_discharges;
    if (!choice.awaits_discharges) {
      auto verdict = judge(wish, candidate.ends);
      if (!verdict) continue;
      choice.verdict = *std::move(verdict);
    }
    if (choice.verdict) return choice;
    if (!first.connection) first = std::move(choice);
  }
  return first;
}

Result<Dialed> Manager::Core::dial_cached(const Wish& wish) const {
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return closed_error();
  }
  Choice choice = choose(wish);
  if (!choice.connection || choice.awaits_discharges) return not_cached(wish.endpoint);
  if (!choice.verdict) return choice.verdict.error();
  return Dialed(std::move(choice.connection), *std::move(choice.verdict), wish.options.channel_timeout);
}

void Manager::Core::use_cached(const std::shared_ptr<LiveConnection>& connection, BlessingNames names, Wish wish,
                               int tries_left) {
  const DialDone done = wish.done;
  const bool posted = connection->post(
      [self = shared_from_this(), connection, names = std::move(names), wish = std::move(wish), tries_left]() mutable {
        if (connection->can_open_flows() || tries_left == 0) {
          return wish.done(Dialed(connection, std::move(names), wish.options.channel_timeout));
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
      if (!known || known->is_over())
        known = std::make_shared<PendingDial>(connection->loop(), "", [](PendingDial&) {});
      room = known;
    }
  }
  if (room && room->add(wish)) return;
  // They have come meanwhile, or the connection has ended.
  const DialDone done = wish.done;
  const bool posted = connection->post([self = shared_from_this(), wish = std::move(wish), tries_left]() mutable {
    if (tries_left == 0) return wish.done(not_cached(wish.endpoint));
    self->dial(std::move(wish), tries_left - 1);
  });
  if (!posted) done(closed_error());
}

bool Manager::Core::serve(const std::shared_ptr<LiveConnection>& connection, std::vector<PendingDial::Waiter> waiters) {
  bool is_taken = false;
  const Ends ends{connection->local_endpoint(), connection->remote_endpoint(), connection->local_shown(),
                  connection->remote_shown()};
  for (PendingDial::Waiter& waiter : waiters) {
    Wish& wish = waiter.wish;
    connection->loop()->guard([&] {
      if (!is_meant(wish, ends.remote.routing_id)) {
        return wish.done(wrong_routing_id(wish.endpoint, ends.remote.routing_id));
      }
      // Who came after the others had been asked, or was not asked because it seemed to be a proxy.
      if (!waiter.verdict) {
        auto verdict = judge_peer(options_, wish, ends);
        if (!verdict) return wish.done(verdict.error());
        waiter.verdict = *std::move(verdict);
      }
      is_taken = true;
      wish.done(Dialed(connection, *std::move(waiter.verdict), wish.options.channel_timeout));
    });
  }
  return is_taken;
}

// ---- new connections ----

void Manager::Core::dial(Wish wish, int tries_left) {
  const naming::Endpoint& endpoint = wish.endpoint;
  const auto fail = [this, &wish](const Error& error) {
    if (!options_.event_loop->post([done = wish.done, error] { done(error); })) wish.done(error);
  };
  if (wish.context.is_initialized()) {
    if (const Error ended = wish.context.error()) {
      return fail(ended.with_message(std::string(ended.message()) + ": dialing " + naming::to_string(endpoint)));
    }
  }
  if (Choice choice = choose(wish); choice.connection) {
    if (choice.awaits_discharges) return wait_for_discharges(choice.connection, std::move(wish), tries_left);
    if (!choice.verdict) return fail(choice.verdict.error());
    return use_cached(choice.connection, *std::move(choice.verdict), std::move(wish), tries_left);
  }
  if (wish.options.cached_only) return fail(not_cached(endpoint));
  if (endpoint.protocol == "bidi") {
    return fail(transport::dial_failed("dialing " + naming::to_string(endpoint) +
                                       ": it listens nowhere, and no connection to it is open"));
  }
  const auto entry = options_.protocols.find(endpoint.protocol);
  if (!entry) return fail(entry.error());

  const std::string key = address_key(entry->dial_as, endpoint);
  std::shared_ptr<PendingDial> dial;
  while (true) {
    bool is_new = false;
    {
      std::lock_guard lock(mutex_);
      if (is_closed_) break;
      auto& slot = dials_[key];
      if (!slot || slot->is_over()) {
        slot = std::make_shared<PendingDial>(options_.event_loop->next(), key,
                                             [weak = weak_from_this()](PendingDial& abandoned) {
                                               if (auto self = weak.lock()) self->abandon_dial(abandoned);
                                             });
        is_new = true;
      }
      dial = slot;
    }
    if (!dial->add(wish)) continue;  // it ended between the two lines
    if (is_new) start_dial(dial, endpoint, *entry);
    return;
  }
  fail(closed_error());
}

void Manager::Core::start_dial(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                               const transport::Protocols::Entry& entry) {
  auto box = std::make_shared<DialBox>();
  {
    std::lock_guard lock(mutex_);
    const auto it = dials_.find(dial->key());
    if (it == dials_.end() || it->second != dial) return;  // given up already
    dial_boxes_[dial.get()] = box;
  }
  const bool posted = dial->loop()->post([weak = weak_from_this(), dial, endpoint, entry, box] {
    auto self = weak.lock();
    if (!self || box->is_given_up) return;
    if (const auto limit = self->options_.dial_timeout; limit > std::chrono::nanoseconds(0)) {
      box->deadline = dial->loop()->clock()->now() + limit;
    }
    if (!endpoint.routing_id.is_null()) return self->connect(dial, endpoint, entry, box);
    // Another address of a place that a connection is there to may do.
    if (box->deadline) {
      box->timer = dial->loop()->call_at(*box->deadline, [weak, dial, endpoint] {
        if (auto core = weak.lock()) core->finish_dial(*dial, transport::dial_timed_out(naming::to_string(endpoint)));
      });
    }
    box->dialing =
        entry.transport->resolve(dial->loop(), entry.dial_as, endpoint.address,
                                 [weak, dial, endpoint, entry, box](const Result<transport::Resolved>& found) {
                                   if (auto core = weak.lock()) {
                                     core->resolved(dial, endpoint, entry, box, found);
                                   }
                                 });
  });
  if (!posted) finish_dial(*dial, closed_error());
}

void Manager::Core::resolved(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                             const transport::Protocols::Entry& entry, const std::shared_ptr<DialBox>& box,
                             const Result<transport::Resolved>& found) {
  dial->loop()->forget(std::exchange(box->timer, TimerId::kNone));
  bool is_there = false;
  if (found) {
    std::lock_guard lock(mutex_);
    for (const std::string& address : found->addresses) {
      naming::Endpoint at;
      at.address = address;
      is_there = cache_.add_alias(address_key(found->protocol, at), dial->key()) || is_there;
    }
  }
  // The dial itself says best why an address is no good.
  if (!is_there) return connect(dial, endpoint, entry, box);
  forget_dial(*dial);
  for (PendingDial::Waiter& waiter : dial->take_all()) this->dial(std::move(waiter.wish), 1);
}

void Manager::Core::connect(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                            const transport::Protocols::Entry& entry, const std::shared_ptr<DialBox>& box) {
  transport::DialOptions options;
  options.deadline = box->deadline;
  box->dialing = entry.transport->dial(
      dial->loop(), entry.dial_as, endpoint.address, options,
      [weak = weak_from_this(), dial, endpoint, box](Result<std::shared_ptr<transport::Stream>> stream) {
        if (auto core = weak.lock()) core->dialed(dial, endpoint, std::move(stream));
        box->dialing.reset();
      });
}

void Manager::Core::dialed(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                           Result<std::shared_ptr<transport::Stream>> stream) {
  if (!stream) return finish_dial(*dial, stream.error());
  const auto shown = default_shown_->current();
  flow::Options flow = flow_options(flow::Role::kDialer, shown);
  flow.local.protocol = (*stream)->protocol();
  flow.local.address = (*stream)->local_address();
  flow.local.routing_id = options_.routing_id;
  flow.remote = endpoint;
  auto connection = std::make_shared<LiveConnection>(dial->loop(), *stream, flow, household_);
  Known known;
  known.connection = connection;
  known.dial = dial;
  known.dialed_key = dial->key();
  naming::Endpoint at;
  at.address = (*stream)->remote_address();
  known.resolved_key = address_key((*stream)->protocol(), at);
  known.shown_version = shown.version;
  if (auto admitted = admit(std::move(known)); !admitted) {
    (*stream)->close();
    return finish_dial(*dial, admitted.error());
  }
  connection->start();
  // Everybody left while the stream was being made, and abandon_dial found no connection yet.
  if (dial->is_over()) connection->close(transport::bad_state("nobody waits for this connection any more"));
}

void Manager::Core::authorize_peer(LiveConnection& connection, const flow::AuthorizePeer& ask) {
  std::shared_ptr<LiveConnection> self;
  std::shared_ptr<PendingDial> dial;
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(&connection);
    if (it == connections_.end()) return;
    self = it->second.connection;
    dial = it->second.dial;
  }
  if (!dial) return connection.refuse(transport::bad_state("nobody waits for this connection any more"));
  // In a turn of its own: it calls out to authorizers, and checks signatures of discharges.
  self->post([core = shared_from_this(), self, dial, ask] {
    const Ends ends{ask.local, ask.remote, self->local_shown(), ask.shown};
    const auto trusted = dial->judge([&](const Wish& wish) { return core->judge(wish, ends); });
    if (trusted) return self->authorize();
    core->forget_dial(*dial);
    self->refuse(trusted.error());
  });
}

// The last waiter has gone; on any thread.
void Manager::Core::abandon_dial(PendingDial& dial) {
  std::shared_ptr<LiveConnection> connection;
  {
    std::lock_guard lock(mutex_);
    for (auto& [key, known] : connections_) {
      if (known.dial.get() != &dial) continue;
      if (!known.is_established) connection = known.connection;
      break;
    }
  }
  forget_dial(dial);
  if (!connection) return;
  connection->post(
      [connection] { connection->close(transport::bad_state("nobody waits for this connection any more")); });
}

void Manager::Core::finish_dial(PendingDial& dial, const Error& why) {
  forget_dial(dial);
  dial.fail(why);
}

void Manager::Core::forget_dial(PendingDial& dial) {
  std::shared_ptr<DialBox> box;
  std::shared_ptr<PendingDial> keep;  // the caller has a reference only
  {
    std::lock_guard lock(mutex_);
    if (const auto it = dials_.find(dial.key()); it != dials_.end() && it->second.get() == &dial) {
      keep = std::move(it->second);
      dials_.erase(it);
    }
    if (const auto it = dial_boxes_.find(&dial); it != dial_boxes_.end()) {
      box = std::move(it->second);
      dial_boxes_.erase(it);
    }
  }
  if (!box) return;
  dial.loop()->post_last([box, loop = dial.loop()] {
    box->is_given_up = true;
    box->dialing.reset();
    loop->forget(box->timer);
  });
}

}  // namespace nb::conn

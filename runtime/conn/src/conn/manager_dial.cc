// How a manager dials: the cache first, then the dial to the same place that is under way, then a new one
// (docs/spec/flow-protocol.md 11.3).
#include <algorithm>
#include <utility>

#include <nb/base/verror.h>

#include "conn/manager_core.h"
#include "transport/errors.h"

namespace nb::conn {
namespace {

bool is_meant(const Wish& wish, const naming::RoutingId& found) {
  return wish.endpoint.routing_id.is_null() || wish.endpoint.routing_id == found;
}

Error nobody_waits() { return transport::bad_state("nobody waits for this connection any more"); }

}  // namespace

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
  const bool may_dial = !wish.options.cached_only && !wish.options.underlying && endpoint.protocol != "bidi";
  if (Choice choice = choose(wish, may_dial); choice.connection) {
    if (choice.awaits_discharges) return wait_for_discharges(choice.connection, std::move(wish), tries_left);
    if (!choice.verdict) return fail(choice.verdict.error());
    return use_cached(choice.connection, *std::move(choice.verdict), std::move(wish), tries_left);
  }
  if (wish.options.cached_only || wish.options.underlying) return fail(not_cached(endpoint));
  if (endpoint.protocol == "bidi") {
    return fail(transport::dial_failed("dialing " + naming::to_string(endpoint) +
                                       ": it listens nowhere, and no connection to it is open"));
  }
  const auto entry = options_.protocols.find(endpoint.protocol);
  if (!entry) return fail(entry.error());

  while (true) {
    const auto begun = reserve(endpoint, *entry);
    if (!begun) return fail(begun.error());
    if (!begun->dial) {
      // One has come between the two lines.
      if (tries_left > 0) return dial(std::move(wish), tries_left - 1);
      return fail(not_cached(endpoint));
    }
    if (!begun->dial->add(wish)) continue;  // it ended between the two lines
    return begin(*begun);
  }
}

Result<Manager::Core::Begun> Manager::Core::reserve(const naming::Endpoint& endpoint,
                                                    const transport::Protocols::Entry& entry) {
  Reservations::Wanted wanted;
  wanted.address = address_key(entry.dial_as, endpoint.address);
  if (!endpoint.routing_id.is_null()) {
    wanted.path = path_key(entry.dial_as, endpoint.address, endpoint.routing_id);
  }
  Begun begun;
  std::lock_guard lock(mutex_);
  if (is_closed_) return closed_error();
  const auto& there_already = cache_.find(wanted.path ? routing_key(endpoint.routing_id) : wanted.address);
  const bool is_there = std::any_of(there_already.begin(), there_already.end(),
                                    [&](const auto& connection) { return leads_to(*connection, endpoint); });
  if (is_there) return begun;
  for (const auto& there : cache_.find(wanted.address)) {
    if (!begun.through || there->rtt() < begun.through->rtt()) begun.through = there;
  }
  // What leads through a connection happens on that connection's loop.
  const auto loop = begun.through ? begun.through->loop() : options_.event_loop->next();
  auto taken = reservations_.take(wanted, begun.through != nullptr, [&] {
    return std::make_shared<PendingDial>(loop, [weak = weak_from_this()](PendingDial& abandoned) {
      if (auto self = weak.lock()) self->abandon_dial(abandoned);
    });
  });
  begun.dial = std::move(taken.dial);
  begun.way = taken.way;
  if (begun.way == Reservations::Way::kJoined) return begun;
  begun.box = std::make_shared<DialBox>();
  begun.box->endpoint = endpoint;
  begun.box->entry = entry;
  begun.box->address = wanted.address;
  dial_boxes_[begun.dial.get()] = begun.box;
  return begun;
}

void Manager::Core::begin(const Begun& begun) {
  switch (begun.way) {
    case Reservations::Way::kJoined:
    case Reservations::Way::kFollow:
      return;
    case Reservations::Way::kDial:
      return start_dial(begun.dial, begun.box);
    case Reservations::Way::kThrough:
      break;
  }
  const bool posted = begun.dial->loop()->post(
      [self = shared_from_this(), through = begun.through, dial = begun.dial] { self->go_through(through, dial); });
  if (!posted) finish_dial(*begun.dial, closed_error());
}

void Manager::Core::go_through(const std::shared_ptr<LiveConnection>& connection,
                               const std::shared_ptr<PendingDial>& dial) {
  if (dial->is_over()) return;
  if (connection->can_open_flows()) return dial_through(connection, dial);
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(connection.get());
    if (it != connections_.end() && it->second.awaits_discharges && connection->awaits_discharges()) {
      auto& waiting = it->second.to_lead_on;
      std::erase_if(waiting, [](const auto& other) { return other->is_over(); });
      return waiting.push_back(dial);
    }
    // It began to end a moment ago; what it cannot do is no word about the server.
    cache_.remove(*connection);
  }
  auto again = release_dial(*dial);
  again.insert(again.begin(), dial);
  dial_again(again);
}

void Manager::Core::lead_on(const std::shared_ptr<LiveConnection>& connection) {
  std::vector<std::shared_ptr<PendingDial>> waiting;
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(connection.get());
    if (it == connections_.end() || (it->second.awaits_discharges && connection->awaits_discharges())) return;
    waiting.swap(it->second.to_lead_on);
  }
  for (const auto& dial : waiting) go_through(connection, dial);
}

// Each of those who wait in them begins anew: with a connection by now, or as the one who dials. In a turn of its own:
// it calls out to authorizers, and is told on any thread.
void Manager::Core::dial_again(std::vector<std::shared_ptr<PendingDial>> dials) {
  if (dials.empty()) return;
  {
    std::lock_guard lock(mutex_);
    for (const auto& dial : dials) {
      reservations_.release(*dial);
      dial_boxes_.erase(dial.get());
    }
  }
  const bool posted = options_.event_loop->post([self = shared_from_this(), dials] {
    for (const auto& dial : dials) {
      for (PendingDial::Waiter& waiter : dial->take_all()) self->dial(std::move(waiter.wish), 1);
    }
  });
  if (posted) return;
  for (const auto& dial : dials) dial->fail(closed_error());
}

// ---- the transport's part ----

void Manager::Core::start_dial(const std::shared_ptr<PendingDial>& dial, const std::shared_ptr<DialBox>& box) {
  const bool posted = dial->loop()->post([weak = weak_from_this(), dial, box] {
    auto self = weak.lock();
    if (!self || box->is_given_up) return;
    if (const auto limit = self->options_.dial_timeout; limit > std::chrono::nanoseconds(0)) {
      box->deadline = dial->loop()->clock()->now() + limit;
    }
    if (!box->endpoint.routing_id.is_null()) return self->connect(dial, box);
    // Another address of a place that a connection is there to may do.
    if (box->deadline) {
      box->timer = dial->loop()->call_at(*box->deadline, [weak, dial, box] {
        if (auto core = weak.lock()) {
          core->finish_dial(*dial, transport::dial_timed_out(naming::to_string(box->endpoint)));
        }
      });
    }
    box->dialing = box->entry.transport->resolve(dial->loop(), box->entry.dial_as, box->endpoint.address,
                                                 [weak, dial, box](const Result<transport::Resolved>& found) {
                                                   if (auto core = weak.lock()) core->resolved(dial, box, found);
                                                 });
  });
  if (!posted) finish_dial(*dial, closed_error());
}

void Manager::Core::resolved(const std::shared_ptr<PendingDial>& dial, const std::shared_ptr<DialBox>& box,
                             const Result<transport::Resolved>& found) {
  dial->loop()->forget(std::exchange(box->timer, TimerId::kNone));
  bool is_there = false;
  if (found) {
    std::lock_guard lock(mutex_);
    for (const std::string& address : found->addresses) {
      is_there = cache_.add_alias(address_key(found->protocol, address), box->address) || is_there;
    }
  }
  // The dial itself says best why an address is no good.
  if (!is_there) return connect(dial, box);
  auto waiting = release_dial(*dial);
  waiting.insert(waiting.begin(), dial);
  dial_again(waiting);
}

void Manager::Core::connect(const std::shared_ptr<PendingDial>& dial, const std::shared_ptr<DialBox>& box) {
  transport::DialOptions options;
  options.deadline = box->deadline;
  box->dialing = box->entry.transport->dial(
      dial->loop(), box->entry.dial_as, box->endpoint.address, options,
      [weak = weak_from_this(), dial, box](Result<std::shared_ptr<transport::Stream>> stream) {
        if (auto core = weak.lock()) core->dialed(dial, *box, std::move(stream));
        box->dialing.reset();
      });
}

void Manager::Core::dialed(const std::shared_ptr<PendingDial>& dial, const DialBox& box,
                           Result<std::shared_ptr<transport::Stream>> stream) {
  if (!stream) return finish_dial(*dial, stream.error());
  const auto shown = default_shown_->current();
  flow::Options flow = flow_options(flow::Role::kDialer, shown);
  flow.local.protocol = (*stream)->protocol();
  flow.local.address = (*stream)->local_address();
  flow.local.routing_id = options_.routing_id;
  flow.remote = box.endpoint;
  auto connection = std::make_shared<LiveConnection>(dial->loop(), *stream, flow, household_);
  Known known;
  known.connection = connection;
  known.dial = dial;
  known.dialed_key = box.address;
  // Where it led to, as the transport says; the peer's own word for it would let one server catch what is for another.
  known.resolved_key = address_key((*stream)->protocol(), (*stream)->remote_address());
  known.shown_version = shown.version;
  if (auto admitted = admit(std::move(known)); !admitted) {
    (*stream)->close();
    return finish_dial(*dial, admitted.error());
  }
  connection->start();
  // Everybody left while the stream was being made, and abandon_dial found no connection yet.
  if (dial->is_over()) connection->close(nobody_waits());
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
  if (!dial) return connection.refuse(nobody_waits());
  // In a turn of its own: it calls out to authorizers, and checks signatures of discharges.
  self->post([core = shared_from_this(), self, dial, ask] {
    const Ends ends{ask.local, ask.remote, self->local_shown(), ask.shown};
    const auto trusted = dial->judge([&](const Wish& wish) -> std::optional<Result<BlessingNames>> {
      if (!is_meant(wish, ends.remote_id)) return std::nullopt;
      return judge_peer(core->options_, wish, ends);
    });
    if (trusted) return self->authorize();
    self->refuse(trusted.error());  // and then the dial is finished with that
  });
}

// ---- what becomes of it ----

void Manager::Core::arrived(const std::shared_ptr<LiveConnection>& connection,
                            const std::shared_ptr<PendingDial>& dial) {
  std::vector<std::shared_ptr<PendingDial>> followers;
  {
    std::lock_guard lock(mutex_);
    followers = reservations_.over(*dial);
  }
  const naming::RoutingId found = connection->remote_endpoint().routing_id;
  serve(connection, dial->take([&](const Wish& wish) { return is_meant(wish, found); }));
  if (dial->is_over()) {
    forget_dial(*dial);
  } else {
    // Not go_through(): where a connection just made opens no flows, another one would fare no better.
    dial_through(connection, dial);
  }
  dial_again(followers);
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
  connection->post([connection] { connection->close(nobody_waits()); });
}

void Manager::Core::finish_dial(PendingDial& dial, const Error& why) {
  std::vector<CacheKey> keys;
  {
    std::lock_guard lock(mutex_);
    keys = reservations_.keys_of(dial);
    std::vector<CacheKey> looked_up;
    for (const CacheKey& key : keys) looked_up.push_back(key.id.is_null() ? key : routing_key(key.id));
    if (!is_closed_) dial_errors_.remember(looked_up, why, options_.event_loop->clock()->now());
  }
  const auto followers = release_dial(dial);
  dial.fail(why);
  // What one did not trust another may; and what could not be reached is so for all.
  if (verror::NotTrusted.matches(why)) return dial_again(followers);
  for (const auto& follower : followers) finish_dial(*follower, why);
}

void Manager::Core::forget_dial(PendingDial& dial) { dial_again(release_dial(dial)); }

std::vector<std::shared_ptr<PendingDial>> Manager::Core::release_dial(PendingDial& dial) {
  std::shared_ptr<DialBox> box;
  std::vector<std::shared_ptr<PendingDial>> followers;
  {
    std::lock_guard lock(mutex_);
    followers = reservations_.release(dial);
    if (const auto it = dial_boxes_.find(&dial); it != dial_boxes_.end()) {
      box = std::move(it->second);
      dial_boxes_.erase(it);
    }
  }
  if (!box) return followers;
  dial.loop()->post_last([box, loop = dial.loop()] {
    box->is_given_up = true;
    box->dialing.reset();
    loop->forget(box->timer);
  });
  return followers;
}

std::shared_ptr<Manager::Core::DialBox> Manager::Core::box_of(PendingDial& dial) const {
  std::lock_guard lock(mutex_);
  const auto it = dial_boxes_.find(&dial);
  return it == dial_boxes_.end() ? nullptr : it->second;
}

}  // namespace nb::conn

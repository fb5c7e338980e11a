// How a manager dials: the cache first, then the dial to the same place that is under way, then a new one.
#include <utility>

#include "conn/manager_core.h"
#include "transport/errors.h"

namespace nb::conn {

// The transport's part of a dial. Only touched on the dial's loop.
struct Manager::Core::DialBox {
  std::shared_ptr<transport::Dialing> dialing;  // dropping it gives the dial up
  bool is_given_up = false;
};

Result<std::shared_ptr<Connection>> Manager::Core::dial_cached(const naming::Endpoint& endpoint) const {
  auto entry = options_.protocols.find(endpoint.protocol);
  const std::string protocol = entry ? entry->dial_as : endpoint.protocol;
  std::lock_guard lock(mutex_);
  if (is_closed_) return closed_error();
  if (auto found = cache_.find(lookup_keys(protocol, endpoint))) return std::shared_ptr<Connection>(std::move(found));
  return transport::bad_state("no connection to " + naming::to_string(endpoint) + " is open");
}

void Manager::Core::dial(const Wish& wish, int tries_left) {
  const auto& [endpoint, context, deadline, done] = wish;
  const auto fail = [this, &wish](const Error& error) {
    if (!options_.event_loop->post([done = wish.done, error] { done(error); })) wish.done(error);
  };
  if (context.is_initialized()) {
    if (const Error ended = context.error()) {
      return fail(ended.with_message(std::string(ended.message()) + ": dialing " + naming::to_string(endpoint)));
    }
  }
  if (auto found = dial_cached(endpoint)) {
    auto connection = std::static_pointer_cast<LiveConnection>(*found);
    const bool posted = connection->post([self = shared_from_this(), connection, wish, tries_left] {
      if (connection->can_open_flows() || tries_left == 0) return wish.done(std::shared_ptr<Connection>(connection));
      // It began to end a moment ago.
      self->peer_in_lame_duck(*connection);
      self->dial(wish, tries_left - 1);
    });
    if (!posted) done(closed_error());
    return;
  }
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
    if (!dial->add(endpoint, context, deadline, done)) continue;  // it ended between the two lines
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
    transport::DialOptions options;
    options.loopback_only = self->is_confined();
    if (const auto limit = self->options_.dial_timeout; limit > std::chrono::nanoseconds(0)) {
      options.deadline = dial->loop()->clock()->now() + limit;
    }
    box->dialing =
        entry.transport->dial(dial->loop(), entry.dial_as, endpoint.address, options,
                              [weak, dial, endpoint, box](Result<std::shared_ptr<transport::Stream>> stream) {
                                if (auto core = weak.lock()) core->dialed(dial, endpoint, std::move(stream));
                                box->dialing.reset();
                              });
  });
  if (!posted) finish_dial(*dial, closed_error());
}

void Manager::Core::dialed(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                           Result<std::shared_ptr<transport::Stream>> stream) {
  if (!stream) return finish_dial(*dial, stream.error());
  flow::Options flow = flow_options(flow::Role::kDialer);
  flow.local.protocol = (*stream)->protocol();
  flow.local.address = (*stream)->local_address();
  flow.local.routing_id = options_.routing_id;
  flow.remote = endpoint;
  auto connection = std::make_shared<LiveConnection>(dial->loop(), *stream, flow, options_.acceptor,
                                                     options_.close_linger, weak_from_this());
  Known known;
  known.connection = connection;
  known.dial = dial;
  known.dialed_key = dial->key();
  if (auto admitted = admit(std::move(known)); !admitted) {
    (*stream)->close();
    return finish_dial(*dial, admitted.error());
  }
  connection->start();
  // Everybody left while the stream was being made, and abandon_dial found no connection yet.
  if (dial->is_over()) connection->close(transport::bad_state("nobody waits for this connection any more"));
}

// The last waiter has gone; on any thread.
void Manager::Core::abandon_dial(PendingDial& dial) {
  std::shared_ptr<LiveConnection> connection;
  {
    std::lock_guard lock(mutex_);
    for (auto& [key, known] : connections_) {
      if (known.dial.get() != &dial) continue;
      connection = known.connection;
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
  dial.finish(why);
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
  dial.loop()->post_last([box] {
    box->is_given_up = true;
    box->dialing.reset();
  });
}

}  // namespace nb::conn

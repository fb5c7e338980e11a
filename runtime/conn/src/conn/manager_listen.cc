// How a manager listens and accepts.
#include <utility>

#include "conn/manager_core.h"
#include "conn/peer_source.h"
#include "transport/errors.h"

namespace nb::conn {

Result<naming::Endpoint> Manager::Core::listen(const std::string& protocol, const std::string& address) {
  if (options_.routing_id.is_null()) {
    return transport::bad_state("listening on " + protocol + " " + address +
                                ": this manager is a pure client, it has no routing id");
  }
  const auto entry = options_.protocols.find(protocol);
  if (!entry) return entry.error();
  transport::ListenEvents events;
  events.pick_loop = [event_loop = options_.event_loop] { return event_loop->next(); };
  events.accepted = [weak = weak_from_this(), protocol](std::shared_ptr<transport::Stream> stream) {
    if (auto self = weak.lock()) self->accepted(stream, protocol);
  };
  events.trouble = [weak = weak_from_this()](const Error& why) {
    if (auto self = weak.lock()) self->accept_trouble(why);
  };
  auto listener = entry->transport->listen(options_.event_loop->next(), entry->dial_as, address, std::move(events));
  if (!listener) return listener.error();

  naming::Endpoint endpoint;
  endpoint.protocol = protocol;
  endpoint.address = (*listener)->address();
  endpoint.routing_id = options_.routing_id;
  bool is_open = false;
  {
    std::lock_guard lock(mutex_);
    // With the lock: default_changed() takes it after the change, so that one of the two puts in the latest names.
    endpoint.blessing_names = default_shown_->current().shown.blessings.claimed_names();
    is_open = !is_closed_;
    if (is_open) listeners_.push_back({*listener, endpoint});
  }
  if (!is_open) {
    (*listener)->close({});
    return closed_error();
  }
  endpoints_changed();
  return endpoint;
}

void Manager::Core::accepted(const std::shared_ptr<transport::Stream>& stream, const std::string& protocol) {
  if (default_shown_->current().version > 0) return accept(stream, protocol);
  // The discharges of the blessings that this end is going to show are on their way.
  default_shown_->when_ready([weak = weak_from_this(), stream, protocol] {
    stream->loop()->post_last([weak, stream, protocol] {
      if (auto self = weak.lock()) self->accept(stream, protocol);
    });
  });
}

void Manager::Core::accept(const std::shared_ptr<transport::Stream>& stream, const std::string& protocol) {
  const auto shown = default_shown_->current();
  flow::Options flow = flow_options(flow::Role::kAcceptor, shown);
  flow.local.protocol = protocol;
  flow.local.address = stream->local_address();
  flow.local.routing_id = options_.routing_id;
  flow.local.blessing_names = shown.shown.blessings.claimed_names();
  auto connection = std::make_shared<LiveConnection>(stream->loop(), stream, flow, household_);
  Known known;
  known.connection = connection;
  known.shown_version = shown.version;
  known.is_unauthenticated = true;
  known.source = peer_source(stream->remote_address());
  if (auto admitted = admit(std::move(known)); !admitted) {
    // No answer: whoever floods us shall cost us nothing more.
    options_.log->log(Severity::kInfo, "refused a connection from " + stream->remote_address() + ": " +
                                           std::string(admitted.error().message()));
    stream->abort();
    return;
  }
  connection->start();
}

void Manager::Core::accept_trouble(const Error& why) {
  options_.log->log(Severity::kWarning, std::string(why.message()) + "; closing idle connections and trying again");
  for (const auto& connection : connections()) {
    connection->post([connection] { connection->close_if_idle(); });
  }
}

void Manager::Core::stop_listening(std::function<void()> done) {
  const Token token = make_token(std::move(done));
  std::vector<ListeningAt> listeners;
  std::vector<std::shared_ptr<LiveConnection>> asked;
  {
    std::lock_guard lock(mutex_);
    listeners.swap(listeners_);
    for (auto& [key, known] : connections_) {
      // Those in their handshake as well: a connection that was made before is not to be used after it.
      if (known.dial && !known.is_established) continue;
      known.until_lame_duck_done.push_back(token);
      asked.push_back(known.connection);
    }
  }
  for (const auto& at : listeners) at.listener->close([token] {});
  if (!listeners.empty()) endpoints_changed();
  for (const auto& connection : asked) {
    connection->post([self = shared_from_this(), connection] {
      connection->enter_lame_duck();
      // Ended, or had done it before: there is nothing to wait for.
      if (!connection->is_open() || connection->is_lame_duck_done()) self->lame_duck_done(*connection);
    });
  }
}

}  // namespace nb::conn

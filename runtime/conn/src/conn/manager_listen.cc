// How a manager listens and accepts.
#include <algorithm>
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
  const ListenedAt asked{protocol, address};
  const auto entry = options_.protocols.find(protocol);
  if (!entry) return listen_failed(asked, entry.error());
  ListeningAt at;
  at.asked = asked;
  at.fate = std::make_shared<Fate>();
  transport::ListenEvents events;
  events.pick_loop = [event_loop = options_.event_loop] { return event_loop->next(); };
  events.accepted = [weak = weak_from_this(), protocol, fate = at.fate](std::shared_ptr<transport::Stream> stream) {
    fate->to_shed = 1;
    if (auto self = weak.lock()) self->accepted(stream, protocol);
  };
  events.trouble = [weak = weak_from_this(), fate = at.fate](const Error& why, bool is_out_of_descriptors) {
    if (auto self = weak.lock()) self->accept_trouble(why, is_out_of_descriptors, *fate);
  };
  events.ended = [weak = weak_from_this(), fate = at.fate](const Error& why) {
    if (auto self = weak.lock()) self->listener_ended(fate, why);
  };
  auto listener = entry->transport->listen(options_.event_loop->next(), entry->dial_as, address, std::move(events));
  if (!listener) return listen_failed(asked, listener.error());
  at.listener = *listener;
  at.address = (*listener)->address();
  at.addresses = addresses_to_dial_of(protocol, at.address);

  naming::Endpoint endpoint;
  Error ended;
  {
    std::lock_guard lock(mutex_);
    ended = is_closed_ ? closed_error() : at.fate->end.value_or(Error());
    if (!ended) {
      endpoint = endpoint_at(at, at.addresses.front());
      listen_errors_[asked] = Error();
      listeners_.push_back(std::move(at));
    }
  }
  if (ended) {
    (*listener)->close({});
    return listen_failed(asked, ended);
  }
  endpoints_changed();
  return endpoint;
}

Error Manager::Core::listen_failed(const ListenedAt& asked, const Error& why) {
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return why;
    listen_errors_[asked] = why;
  }
  endpoints_changed();
  return why;
}

void Manager::Core::listener_ended(const std::shared_ptr<Fate>& fate, const Error& why) {
  std::shared_ptr<transport::Listener> listener;
  {
    std::lock_guard lock(mutex_);
    fate->end = why;
    const auto it = std::find_if(listeners_.begin(), listeners_.end(), [&](const auto& at) { return at.fate == fate; });
    if (it == listeners_.end()) return;
    listen_errors_[it->asked] = why;
    listener = std::move(it->listener);
    listeners_.erase(it);
  }
  options_.log->log(Severity::kError, std::string(why.message()) + "; nobody can connect there any more");
  listener->close({});
  endpoints_changed();
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
  flow.local.blessing_names = shown.names;
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

void Manager::Core::accept_trouble(const Error& why, bool is_out_of_descriptors, Fate& fate) {
  if (!is_out_of_descriptors) {
    options_.log->log(Severity::kWarning, std::string(why.message()) + "; trying again");
    return;
  }
  // Twice as many each time, until one is accepted.
  const std::size_t count = fate.to_shed.load();
  fate.to_shed = std::min<std::size_t>(2 * count, options_.max_connections);
  options_.log->log(Severity::kWarning, std::string(why.message()) + "; ending " + std::to_string(count) +
                                            " connections that are needed least, and trying again");
  shed(count);
}

void Manager::Core::stop_listening(std::function<void()> done) {
  const Token token = make_token(std::move(done));
  std::vector<ListeningAt> listeners;
  std::map<std::string, ProxiedAt> proxied;
  std::vector<std::shared_ptr<LiveConnection>> asked;
  {
    std::lock_guard lock(mutex_);
    listeners.swap(listeners_);
    listen_errors_.clear();
    proxied = take_proxied();
    for (auto& [key, known] : connections_) {
      // Those in their handshake as well: a connection that was made before is not to be used after it.
      if (known.dial && !known.is_established) continue;
      known.until_lame_duck_done.push_back(token);
      asked.push_back(known.connection);
    }
  }
  for (const auto& at : listeners) at.listener->close([token] {});
  stop_proxied(proxied);
  if (!listeners.empty() || !proxied.empty()) endpoints_changed();
  for (const auto& connection : asked) {
    connection->post([self = shared_from_this(), connection] {
      connection->enter_lame_duck();
      // Ended, or had done it before: there is nothing to wait for.
      if (!connection->is_open() || connection->is_lame_duck_done()) self->lame_duck_done(*connection);
    });
  }
}

}  // namespace nb::conn

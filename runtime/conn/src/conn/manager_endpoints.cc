// What a manager tells of where it can be dialed and what it shows there (docs/spec/flow-protocol.md 11.4, 6.6).
#include <algorithm>
#include <utility>

#include "conn/manager_core.h"
#include "transport/errors.h"

namespace nb::conn {

naming::Endpoint Manager::Core::endpoint_at(const ListeningAt& at, const std::string& address) const {
  naming::Endpoint endpoint;
  endpoint.protocol = at.asked.protocol;
  endpoint.address = address;
  endpoint.routing_id = options_.routing_id;
  endpoint.blessing_names = default_shown_->current().names;
  return endpoint;
}

ManagerStatus Manager::Core::status() const {
  std::lock_guard lock(mutex_);
  ManagerStatus status;
  for (const auto& at : listeners_) {
    for (const std::string& address : at.addresses) status.endpoints.push_back(endpoint_at(at, address));
  }
  tell_proxied(status);
  if (status.endpoints.empty()) {
    naming::Endpoint bidi;
    bidi.protocol = "bidi";
    bidi.routing_id = options_.routing_id;
    status.endpoints.push_back(std::move(bidi));
  }
  status.listen_errors = listen_errors_;
  status.proxy_errors = proxy_errors_;
  status.connections = connections_.size();
  status.dials_under_way = reservations_.size();
  return status;
}

// ---- addresses ----

std::vector<std::string> Manager::Core::addresses_to_dial_of(const std::string& protocol,
                                                             const std::string& bound) const {
  if (!is_unspecified(bound)) return {bound};
  return addresses_to_dial(protocol, bound, options_.interface_addresses(), options_.address_chooser);
}

void Manager::Core::refresh_addresses() {
  std::vector<ListeningAt> listeners;
  {
    std::lock_guard lock(mutex_);
    listeners = listeners_;
  }
  bool is_another = false;
  for (const ListeningAt& each : listeners) {
    auto addresses = addresses_to_dial_of(each.asked.protocol, each.address);
    std::lock_guard lock(mutex_);
    for (ListeningAt& at : listeners_) {
      if (at.fate != each.fate || at.addresses == addresses) continue;
      at.addresses = addresses;
      is_another = true;
    }
  }
  if (is_another) endpoints_changed();
}

// ---- who wants to know ----

std::shared_ptr<void> Manager::Core::on_endpoints_changed(std::function<void()> callback) {
  auto watcher = std::make_shared<std::function<void()>>(std::move(callback));
  std::lock_guard lock(mutex_);
  if (!is_closed_) endpoint_watchers_.push_back(watcher);
  return watcher;
}

void Manager::Core::endpoints_changed() {
  std::vector<std::shared_ptr<std::function<void()>>> watchers;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(endpoint_watchers_, [](const auto& watcher) { return watcher.expired(); });
    for (const auto& watcher : endpoint_watchers_) {
      if (auto one = watcher.lock()) watchers.push_back(std::move(one));
    }
  }
  for (const auto& watcher : watchers) (*watcher)();
}

// ---- what it shows ----

void Manager::Core::default_changed() {
  for (const auto& connection : connections()) show(connection);
  endpoints_changed();
}

void Manager::Core::show(const std::shared_ptr<LiveConnection>& connection) {
  connection->post([weak = weak_from_this(), connection] {
    const auto self = weak.lock();
    if (!self) return;
    // The latest, and it once: the order in which changes are told does not matter.
    const auto current = self->default_shown_->current();
    {
      std::lock_guard lock(self->mutex_);
      const auto it = self->connections_.find(connection.get());
      if (it == self->connections_.end() || it->second.shown_version >= current.version) return;
      it->second.shown_version = current.version;
    }
    if (const auto shown = connection->show(current.shown); !shown) {
      self->options_.log->log(Severity::kWarning, "cannot show new blessings: " + std::string(shown.error().message()));
    }
    std::lock_guard lock(self->mutex_);
    const auto it = self->connections_.find(connection.get());
    if (it == self->connections_.end()) return;
    it->second.local_shown = connection->local_shown();
    it->second.ends = nullptr;
  });
}

}  // namespace nb::conn

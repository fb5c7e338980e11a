#include "conn/manager.h"

#include <utility>

#include "conn/manager_core.h"

namespace nb::conn {

Manager::Manager(std::shared_ptr<Core> core) : core_(std::move(core)) {}

std::shared_ptr<Manager> Manager::make(ManagerOptions options) {
  auto core = std::make_shared<Core>(std::move(options));
  core->start();
  return std::shared_ptr<Manager>(new Manager(std::move(core)));
}

Manager::~Manager() { core_->abandon(); }

void Manager::dial(const naming::Endpoint& endpoint, const Context& context, DialOptions options, DialDone done) {
  constexpr int kTries = 3;  // a connection found in the cache may be ending at this very moment
  if (context.is_initialized()) {
    // Its end is told in its own words, so not twice.
    const auto own = context.deadline();
    if (own && options.deadline && *own <= *options.deadline) options.deadline.reset();
  }
  Wish wish;
  wish.endpoint = endpoint;
  wish.context = context;
  wish.options = std::move(options);
  wish.done = std::move(done);
  core_->dial(std::move(wish), kTries);
}

Result<Dialed> Manager::dial_cached(const naming::Endpoint& endpoint, const Context& context,
                                    const DialOptions& options) const {
  Wish wish;
  wish.endpoint = endpoint;
  wish.context = context;
  wish.options = options;
  return core_->dial_cached(wish);
}

Result<naming::Endpoint> Manager::listen(const std::string& protocol, const std::string& address) {
  return core_->listen(protocol, address);
}

void Manager::stop_listening(std::function<void()> done) { core_->stop_listening(std::move(done)); }

ManagerStatus Manager::status() const { return core_->status(); }

const naming::RoutingId& Manager::routing_id() const { return core_->options().routing_id; }

const std::shared_ptr<EventLoop>& Manager::event_loop() const { return core_->options().event_loop; }

void Manager::close(std::function<void()> done) { core_->close(std::move(done)); }

}  // namespace nb::conn

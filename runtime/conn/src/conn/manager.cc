#include "conn/manager.h"

#include <utility>

#include "conn/manager_core.h"

namespace nb::conn {
namespace {

constexpr int kTries = 3;  // a connection found in the cache may be ending at this very moment

}  // namespace

Manager::Manager(std::shared_ptr<Core> core) : core_(std::move(core)) {}

std::shared_ptr<Manager> Manager::make(ManagerOptions options) {
  auto core = std::make_shared<Core>(std::move(options));
  core->start();
  return std::shared_ptr<Manager>(new Manager(std::move(core)));
}

Manager::~Manager() { core_->abandon(); }

void Manager::dial(const naming::Endpoint& endpoint, const Context& context, DialOptions options, DialDone done) {
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

void Manager::pin(const naming::Endpoint& endpoint, const Context& context, DialOptions options, PinDone done) {
  // Of its own: there is nobody whose deadline would count.
  auto each_time = options;
  each_time.deadline.reset();
  each_time.underlying.reset();
  const auto again = [weak = std::weak_ptr(core_), endpoint, options = std::move(each_time)](const Context& each,
                                                                                             DialDone dialed) {
    auto core = weak.lock();
    if (!core) return;
    Wish wish;
    wish.endpoint = endpoint;
    wish.context = each;
    wish.options = options;
    wish.done = std::move(dialed);
    core->dial(std::move(wish), kTries);
  };
  const auto event_loop = core_->options().event_loop;
  const flow::Duration channel_timeout = options.channel_timeout;
  dial(endpoint, context, std::move(options),
       [event_loop, channel_timeout, again, done = std::move(done)](const Result<Dialed>& dialed) {
         if (!dialed) return done(dialed.error());
         const auto pinned = std::make_shared<PinnedConnection>(event_loop, channel_timeout, again);
         pinned->hold(std::static_pointer_cast<LiveConnection>(dialed->connection));
         done(pinned);
       });
}

std::shared_ptr<void> Manager::on_endpoints_changed(std::function<void()> callback) {
  return core_->on_endpoints_changed(std::move(callback));
}

Result<naming::Endpoint> Manager::listen(const std::string& protocol, const std::string& address) {
  return core_->listen(protocol, address);
}

void Manager::refresh_addresses() { core_->refresh_addresses(); }

void Manager::proxy_listen(const ProxyListen& proxy, std::function<void(Result<void>)> done) {
  core_->proxy_listen(proxy, std::move(done));
}

void Manager::stop_listening(std::function<void()> done) { core_->stop_listening(std::move(done)); }

ManagerStatus Manager::status() const { return core_->status(); }

const naming::RoutingId& Manager::routing_id() const { return core_->options().routing_id; }

const std::shared_ptr<EventLoop>& Manager::event_loop() const { return core_->options().event_loop; }

void Manager::close(std::function<void()> done) { core_->close(std::move(done)); }

}  // namespace nb::conn

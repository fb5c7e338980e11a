// Two managers in memory, on an event loop that is polled by hand and a clock that is moved, which do what the input
// says: two bytes a step, what and with what. Each dial is answered once; after the script both close, and nothing is
// left of them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/check.h>

#include "conn/manager.h"
#include "flow/authenticated_testing.h"
#include "transport/memory.h"

namespace {

using nb::conn::Connection;
using nb::conn::Dialed;
using nb::conn::DialOptions;
using nb::conn::Flow;
using nb::conn::FlowListener;
using nb::conn::Manager;

// Takes everything, answers half of it.
class Echo final : public FlowListener {
 public:
  explicit Echo(std::shared_ptr<Flow> flow) : flow_(std::move(flow)) {}
  void on_payload(nb::Bytes payload) override {
    const std::size_t n = payload.size();
    flow_->write(nb::Bytes(n / 2), false);
    flow_->consumed(n);
  }
  void on_drained() override {}
  void on_closed(const nb::Error&) override {}

 private:
  std::shared_ptr<Flow> flow_;
};

class Silent final : public nb::LogSink {
 public:
  void log(nb::Severity, std::string_view) override {}
};

// With a name that everybody believes.
std::shared_ptr<const nb::Principal> member(std::uint8_t seed) {
  using nb::flow::testing::principal;
  const auto made = principal(seed);
  const auto self = *principal(0x70)->bless_self("family");
  made->add_to_roots(self).value();
  made->store()
      .set_default(principal(0x70)->bless(made->public_key(), self, "m", nb::unconstrained_use()).value())
      .value();
  return made;
}

struct World {
  explicit World(std::uint8_t mode) {
    static const std::array kMembers{member(0x71), member(0x72)};
    static const auto kCache = std::make_shared<nb::ChainCache>();
    for (std::size_t i = 0; i < 2; ++i) {
      nb::conn::ManagerOptions options(loop, kMembers[i]);
      options.chain_cache = kCache;
      options.randomness =
          std::make_shared<nb::flow::testing::FixedRandomness>(static_cast<std::uint8_t>(0x40 + 0x40 * i));
      if (i == 0 || (mode & 1) == 0) options.routing_id = id(i);
      options.protocols.add("local", {network, "local"});
      options.log = std::make_shared<Silent>();
      options.acceptor = [this](std::shared_ptr<Flow> flow) { use(std::move(flow)); };
      options.idle_expiry = std::chrono::seconds(60);
      options.max_connections = 6;
      options.max_unauthenticated = 3;
      managers[i] = Manager::make(std::move(options));
    }
  }

  ~World() {
    for (auto& canceler : cancelers) canceler.cancel();
    int open = 0;
    for (auto& manager : managers) {
      ++open;
      manager->close([&open] { --open; });
    }
    for (int i = 0; i < 10; ++i) {
      loop->poll();
      clock->advance(std::chrono::seconds(1));
    }
    loop->poll();
    NB_CHECK(open == 0, "a manager that is closed says so");
    NB_CHECK(answers == dials, "each dial is answered once");
    for (auto& manager : managers) {
      const auto status = manager->status();
      NB_CHECK(status.connections == 0 && status.dials_under_way == 0, "nothing is left of a closed manager");
    }
    tokens.clear();
    pins.clear();
    listeners.clear();
    connections.clear();
    loop->poll();
    for (auto& manager : managers) manager.reset();
    loop->stop();
  }

  static nb::naming::RoutingId id(std::size_t i) {
    nb::naming::RoutingId id;
    id.bytes.fill(static_cast<std::uint8_t>(i + 1));
    return id;
  }
  void use(std::shared_ptr<Flow> flow) {
    auto echo = std::make_shared<Echo>(flow);
    flow->listen(echo);
    listeners.push_back(std::move(echo));
  }
  nb::naming::Endpoint endpoint(std::uint8_t with) const {
    nb::naming::Endpoint endpoint;
    endpoint.protocol = "local";
    endpoint.address = std::string(1, static_cast<char>('a' + (with & 1)));
    if ((with & 6) == 2) endpoint.routing_id = id(with >> 3 & 1);
    if ((with & 6) == 4) endpoint.routing_id = id(5);  // somebody else's
    if ((with & 0x80) == 0) endpoint.blessing_names = {"family:m"};
    return endpoint;
  }

  void step(std::uint8_t what, std::uint8_t with) {
    Manager& manager = *managers[what >> 7];
    switch ((what & 0x7f) % 16) {
      case 0:
      case 1: {
        DialOptions options;
        if ((with & 0x10) != 0) options.authorizer = nb::allow_everyone();
        if ((with & 0x20) != 0) options.cached_only = true;
        if ((with & 0x40) != 0) options.deadline = clock->now() + std::chrono::milliseconds(with);
        options.channel_timeout = std::chrono::seconds(with >> 5);
        auto [context, canceler] = nb::Context().with_cancel();
        cancelers.push_back(canceler);
        ++dials;
        return manager.dial(endpoint(with), context, options, [this](nb::Result<Dialed> dialed) {
          ++answers;
          if (dialed) connections.push_back(*std::move(dialed));
        });
      }
      case 2:
        return (void)manager.dial_cached(endpoint(with), {});
      case 3:
        if (!cancelers.empty()) cancelers[with % cancelers.size()].cancel();
        return;
      case 4:
        return (void)manager.listen("local", std::string(1, static_cast<char>('a' + (with & 1))));
      case 5:
        if (with < 64) manager.stop_listening([] {});
        return;
      case 6: {
        ++dials;
        return manager.pin(endpoint(with), {}, {}, [this](auto pinned) {
          ++answers;
          if (pinned) pins.push_back(*std::move(pinned));
        });
      }
      case 7:
        if (!pins.empty()) pins.pop_back();
        return;
      case 8:
      case 9:
        return clock->advance(std::chrono::milliseconds(std::uint64_t{with} * with * 10));
      case 10:
      case 11:
        if (!connections.empty()) {
          const Dialed& dialed = connections[with % connections.size()];
          dialed.connection->post([this, dialed, with] {
            if (auto flow = dialed.open_flow()) {
              (*flow)->write(nb::Bytes(std::size_t{with} * 100), with >= 200);
              use(*std::move(flow));
            }
          });
        }
        return;
      case 12:
        return listeners.clear();
      case 13:
        if (!connections.empty()) {
          const auto connection = connections[with % connections.size()].connection;
          connection->post([connection] { connection->close(nb::Error("test.Bye", nb::NoRetry, "bye")); });
        }
        return;
      case 14:
        tokens.push_back(manager.on_endpoints_changed([] {}));
        return network->swallow("b");
      case 15:
        manager.refresh_addresses();
        return connections.clear();
    }
  }

  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<nb::conn::EventLoop> loop = nb::conn::EventLoop::make_by_hand(clock);
  std::shared_ptr<nb::transport::MemoryNetwork> network = nb::transport::MemoryNetwork::make(8192);
  std::array<std::shared_ptr<Manager>, 2> managers;
  std::vector<Dialed> connections;
  std::vector<std::shared_ptr<nb::conn::PinnedConnection>> pins;
  std::vector<std::shared_ptr<Echo>> listeners;
  std::vector<std::shared_ptr<void>> tokens;
  std::vector<nb::Canceler> cancelers;
  int dials = 0;
  int answers = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 512) return 0;
  World world(data[0]);
  for (std::size_t at = 1; at + 1 < size; at += 2) {
    world.step(data[at], data[at + 1]);
    if ((data[at] & 3) != 3) world.loop->poll();
  }
  return 0;
}

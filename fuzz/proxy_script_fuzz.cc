// A server, a client and a proxy between them, in memory, on an event loop that is polled by hand and a clock that is
// moved, which do what the input says: two bytes a step, what and with what. The proxy is a relay that also says what
// no proxy should; the server's listeners break down, too. Each dial and each first answer of a proxy is told once;
// after the script all close, and nothing is left of them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/check.h>

#include "conn/address_chooser.h"
#include "conn/manager.h"
#include "conn/peer_source.h"
#include "conn/proxy_messages.h"
#include "conn/testing/fake_listener.h"
#include "flow/authenticated_testing.h"
#include "transport/memory.h"

namespace {

using nb::Bytes;
using nb::Error;
using nb::Result;
using nb::conn::Dialed;
using nb::conn::DialOptions;
using nb::conn::Flow;
using nb::conn::FlowListener;
using nb::conn::Manager;
using nb::naming::Endpoint;

constexpr std::size_t kServer = 0, kClient = 1, kProxy = 2;

nb::naming::RoutingId id(std::size_t i) {
  nb::naming::RoutingId id;
  id.bytes.fill(static_cast<std::uint8_t>(i + 1));
  return id;
}

// Takes everything, answers half of it.
class Echo final : public FlowListener {
 public:
  explicit Echo(std::shared_ptr<Flow> flow) : flow_(std::move(flow)) {}
  void on_payload(Bytes payload) override {
    const std::size_t n = payload.size();
    flow_->write(Bytes(n / 2), false);
    flow_->consumed(n);
  }
  void on_drained() override {}
  void on_closed(const Error&) override {}

 private:
  std::shared_ptr<Flow> flow_;
};

// The proxy: servers say that they are there, and what clients say is passed on to them.
class Relay {
 public:
  void take(const std::shared_ptr<Flow>& flow) {
    auto end = std::make_shared<End>(*this, flow);
    ends_.push_back(end);
    flow->carry_messages();
    flow->listen(end);
  }
  // What each who wants to be reached is told, from now on and once more at once.
  void answer(Bytes message) {
    answer_ = std::move(message);
    for (const auto& [from, flow] : wanted_) {
      flow->connection().post([flow = flow, message = answer_] { flow->write(message, false); });
    }
  }
  // Something that neither end has said, to both.
  void inject(const Bytes& message) {
    for (const auto& end : ends_) {
      if (end->other.lock()) end->flow->write(message, false);
    }
  }
  void end_routes() {
    for (const auto& end : ends_) {
      if (end->other.lock()) end->flow->close();
    }
  }
  void end_servers() {
    for (const auto& [from, flow] : wanted_) flow->close();
  }
  void clear() {
    wanted_.clear();
    ends_.clear();
  }
  bool drops = false;
  bool leads_nowhere = false;

 private:
  struct End final : FlowListener {
    End(Relay& relay_, std::shared_ptr<Flow> flow_) : relay(relay_), flow(std::move(flow_)) {}
    void on_payload(Bytes payload) override {
      flow->consumed(payload.size());
      if (const auto to = other.lock()) {
        if (!relay.drops) to->flow->write(std::move(payload), false);
        return;
      }
      // Whoever answers an answer is not answered again: that could go on for ever.
      if (std::exchange(is_first, false)) relay.first(*this, std::move(payload));
    }
    void on_drained() override {}
    void on_closed(const Error&) override {
      if (const auto to = other.lock()) to->flow->write({}, true);
    }
    Relay& relay;
    std::shared_ptr<Flow> flow;
    std::weak_ptr<End> other;
    bool is_first = true;
  };

  void first(End& end, Bytes payload) {
    if (payload.front() != nb::conn::kRouteFlow) {
      wanted_[end.flow->connection().remote_endpoint().routing_id] = end.flow;
      if (!answer_.empty()) end.flow->write(answer_, false);
      return;
    }
    const auto wanted = nb::conn::wanted_in_setup(payload);
    const auto to = wanted ? wanted_.find(wanted->routing_id) : wanted_.end();
    if (leads_nowhere) return;
    auto opened = to == wanted_.end() ? Result<std::shared_ptr<Flow>>(Error("test.No", nb::NoRetry, "no"))
                                      : to->second->connection().open_flow();
    if (!opened) return end.flow->close();
    auto far = std::make_shared<End>(*this, *opened);
    for (const auto& each : ends_) {
      if (each.get() == &end) far->other = each;
    }
    end.other = far;
    ends_.push_back(far);
    (*opened)->carry_messages();
    (*opened)->listen(far);
    (*opened)->write(std::move(payload), false);
  }

  Bytes answer_;
  std::map<nb::naming::RoutingId, std::shared_ptr<Flow>> wanted_;
  std::vector<std::shared_ptr<End>> ends_;
};

class Silent final : public nb::LogSink {
 public:
  void log(nb::Severity, std::string_view) override {}
};

std::shared_ptr<const nb::Principal> family_root() {
  static const auto root = nb::flow::testing::principal(0x70);
  return root;
}

// With a name that everybody believes, under a caveat of somebody who is never there if it is needy.
nb::Blessings blessings(const nb::Principal& of, const std::string& name, bool is_needy = false) {
  static const auto self = *family_root()->bless_self("family");
  static const auto elsewhere =
      nb::third_party_caveat(family_root()->public_key(), "nowhere", {}, {nb::unconstrained_use()}).value();
  return family_root()->bless(of.public_key(), self, name, is_needy ? elsewhere : nb::unconstrained_use()).value();
}

auto member(std::uint8_t seed) {
  const auto made = nb::flow::testing::principal(seed);
  made->add_to_roots(*family_root()->bless_self("family")).value();
  return made;
}

struct World {
  explicit World(std::uint8_t mode) {
    static const std::array kMembers{member(0x71), member(0x72), member(0x73)};
    static const auto kCache = std::make_shared<nb::ChainCache>();
    // Signing is slow, and the same each time.
    static const std::array kPlain{blessings(*kMembers[0], "m"), blessings(*kMembers[1], "m"),
                                   blessings(*kMembers[2], "m")};
    static const std::array kNeedy{blessings(*kMembers[0], "n", true), blessings(*kMembers[1], "n", true),
                                   blessings(*kMembers[2], "n", true)};
    plain = kPlain[kServer];
    needy = kNeedy[kServer];
    server_principal = kMembers[kServer];
    for (std::size_t i = 0; i < 3; ++i) {
      kMembers[i]->store().set_default((mode >> i & 1) != 0 ? kNeedy[i] : kPlain[i]).value();
      nb::conn::ManagerOptions options(loop, kMembers[i]);
      options.chain_cache = kCache;
      options.randomness =
          std::make_shared<nb::flow::testing::FixedRandomness>(static_cast<std::uint8_t>(0x40 + 0x30 * i));
      if (i != kClient || (mode & 8) != 0) options.routing_id = id(i);
      if (i == kProxy && (mode & 16) != 0) options.mtu = 1024 + 2 * (mode & 32);  // hardly enough to carry anything
      options.protocols.add("local", {network, "local"});
      options.protocols.add("fake", {fake, "fake"});
      options.protocols.add("fake6", {fake, "fake6"});
      options.log = std::make_shared<Silent>();
      options.interface_addresses = [this] { return interfaces; };
      if ((mode & 64) != 0) {
        options.address_chooser = [](const std::string&, const std::vector<std::string>& all) {
          return std::vector<std::string>(all.rbegin(), all.rend());
        };
      }
      options.prepare_discharges = [this](const nb::Blessings&, std::function<void(nb::PreparedDischarges)> done) {
        asked.push_back(std::move(done));
      };
      options.acceptor = [this, i](std::shared_ptr<Flow> flow) {
        if (i == kProxy) return relay.take(flow);
        use(std::move(flow));
      };
      options.idle_expiry = std::chrono::seconds((mode & 128) != 0 ? 0 : 60);
      options.max_connections = 8;
      options.max_unauthenticated = 3;
      options.max_unauthenticated_of_one_source = 2;
      managers[i] = Manager::make(std::move(options));
    }
    (void)managers[kProxy]->listen("local", "p");
    answer({direct(id(kServer))});
  }

  ~World() {
    for (auto& canceler : cancelers) canceler.cancel();
    int open = 0;
    for (auto& manager : managers) {
      ++open;
      manager->close([&open] { --open; });
    }
    for (int i = 0; i < 12; ++i) {
      loop->poll();
      clock->advance(std::chrono::seconds(1));
    }
    loop->poll();
    NB_CHECK(open == 0, "a manager that is closed says so");
    NB_CHECK(answers == asked_for, "each dial, and each first answer of a proxy, is told once");
    for (auto& manager : managers) {
      const auto status = manager->status();
      NB_CHECK(status.connections == 0 && status.dials_under_way == 0, "nothing is left of a closed manager");
    }
    asked.clear();
    tokens.clear();
    pins.clear();
    listeners.clear();
    connections.clear();
    relay.clear();
    fake->listener.reset();
    loop->poll();
    for (auto& manager : managers) manager.reset();
    loop->stop();
  }

  void use(std::shared_ptr<Flow> flow) {
    auto echo = std::make_shared<Echo>(flow);
    flow->listen(echo);
    listeners.push_back(std::move(echo));
  }
  static Endpoint direct(const nb::naming::RoutingId& to) {
    Endpoint endpoint;
    endpoint.protocol = "local";
    endpoint.address = "p";
    endpoint.routing_id = to;
    return endpoint;
  }
  void answer(const std::vector<Endpoint>& endpoints) {
    loop->post([this, message = nb::conn::proxy_answer(endpoints)] { relay.answer(message); });
  }
  // By way of the proxy to the server, to the proxy itself, or to somebody who is not there.
  Endpoint endpoint(std::uint8_t with) const {
    Endpoint endpoint = direct(id(kServer));
    if ((with & 3) == 1) endpoint.routing_id = id(kProxy);
    if ((with & 3) == 2) endpoint.routing_id = {};
    if ((with & 3) == 3) endpoint.routing_id = id(7);
    if ((with & 4) != 0) endpoint.blessing_names = {"family:m"};
    if ((with & 0xf0) == 0xf0) endpoint.protocol = "bidi";
    if ((with & 0xf0) == 0xe0) endpoint.protocol = "pigeon";
    if ((with & 0xf0) == 0xd0) endpoint.address = "nowhere";
    return endpoint;
  }
  void dial(Manager& manager, std::uint8_t with) {
    DialOptions options;
    if ((with & 8) != 0) options.authorizer = nb::allow_everyone();
    if ((with & 0x30) == 0x10) options.cached_only = true;
    if ((with & 0x30) == 0x20) options.deadline = clock->now() + std::chrono::milliseconds(with);
    if ((with & 0x30) == 0x30 && !connections.empty()) {
      options.underlying = connections[with % connections.size()].connection;
    }
    auto [context, canceler] = nb::Context().with_cancel();
    if (with == 0xff) canceler.cancel();
    cancelers.push_back(canceler);
    ++asked_for;
    manager.dial(endpoint(with), context, options, [this](Result<Dialed> dialed) {
      ++answers;
      if (dialed) connections.push_back(*std::move(dialed));
    });
  }
  void proxy_listen(Manager& manager, std::uint8_t with) {
    nb::conn::ProxyListen wish(std::string(1, static_cast<char>('a' + (with & 3))), direct({}));
    if ((with & 4) != 0) wish.proxy.routing_id = id(kProxy);
    if ((with & 8) != 0) wish.as = nb::conn::Proxied::kProxy;
    if ((with & 0x30) == 0x10) {
      wish.authorizer = nb::authorizer([](const nb::Context&, const nb::SecurityCall&) -> Result<void> {
        return Error("test.No", nb::NoRetry, "no");
      });
    }
    if ((with & 0x40) != 0) wish.proxy.address = "nowhere";
    ++asked_for;
    manager.proxy_listen(wish, [this](const Result<void>&) { ++answers; });
  }
  // What a proxy says, well or badly.
  void say(std::uint8_t with) {
    Endpoint of_a_proxy = direct(id(kProxy));
    of_a_proxy.routes = {nb::naming::to_string(id(kServer))};
    Endpoint circle = of_a_proxy;
    circle.routes.insert(circle.routes.begin(), nb::naming::to_string(id(kServer)));
    Endpoint elsewhere = direct(id(kServer));
    elsewhere.address = "q" + std::to_string(with);
    switch (with % 10) {
      case 0:
        return answer({direct(id(kServer))});
      case 1:
        return answer({direct(id(kServer)), elsewhere});
      case 2:
        return answer({of_a_proxy, circle});
      case 3:
        return answer({});
      case 4:
        return answer({direct(id(7))});
      case 5:
        return answer(std::vector<Endpoint>(nb::conn::kMostProxyEndpoints + 1, direct(id(kServer))));
      case 6:
        return loop->post([this] { relay.answer(nb::conn::proxy_refusal("no")); }), void();
      case 7:
        return loop->post([this, with] { relay.answer(Bytes(with, with)); }), void();
      case 8:
        return loop->post([this] { relay.answer({0x74, 3, 'x', '@', 'y'}); }), void();
      case 9:
        return loop->post([this] { relay.answer({}); }), void();
    }
  }

  void step(std::uint8_t what, std::uint8_t with) {
    Manager& manager = *managers[(what >> 5) % 3];
    switch (what & 31) {
      case 0:
      case 1:
      case 2:
        return dial(*managers[kClient], with);
      case 3:
        return dial(manager, with);
      case 4:
        return (void)manager.dial_cached(endpoint(with), {});
      case 5:
        if (!cancelers.empty()) cancelers[with % cancelers.size()].cancel();
        return;
      case 6:
        return proxy_listen(*managers[kServer], with);
      case 7:
        return proxy_listen(manager, with);
      case 8:
        return say(with);
      case 9:
        return (void)loop->post([this, with] { relay.inject(Bytes(with + 1u, with)); });
      case 10:
        return (void)loop->post([this, with] { with < 128 ? relay.end_routes() : relay.end_servers(); });
      case 11:
        relay.drops = (with & 1) != 0;
        relay.leads_nowhere = (with & 6) == 6;
        return;
      case 12:
      case 13:
        return clock->advance(std::chrono::milliseconds(std::uint64_t{with} * with * 10));
      case 14:
      case 15:
      case 16:
        if (!connections.empty()) {
          const Dialed dialed = connections[with % connections.size()];
          dialed.connection->post([this, dialed, with] {
            if (auto flow = dialed.open_flow()) {
              (*flow)->write(Bytes(std::size_t{with} * 1000), with >= 200);
              use(*std::move(flow));
            }
          });
        }
        return;
      case 17:
        return listeners.clear();
      case 18:
        if (!connections.empty()) {
          const auto connection = connections[with % connections.size()].connection;
          connection->post([connection] { connection->close(Error("test.Bye", nb::NoRetry, "bye")); });
        }
        return;
      case 19:
        return connections.clear();
      case 20:
        if (with < 100) manager.stop_listening([] {});
        return;
      case 21:
        return (void)manager.listen("local", std::string(1, static_cast<char>('p' + (with & 1))));
      case 22: {
        static const std::array<std::string, 5> kPlaces{"0.0.0.0:7", "[::]:7", "host:7", "no place", "10.0.0.1:7"};
        return (void)manager.listen((with & 64) != 0 ? "fake6" : "fake", kPlaces[with % kPlaces.size()]);
      }
      case 23:
        fake->refuses = (with & 1) != 0;
        if (!fake->listener || fake->listener->is_closed) return;
        if ((with & 6) == 0) return fake->listener->events.ended(Error("test.Gone", nb::NoRetry, "gone"));
        return fake->listener->events.trouble(Error("test.Full", nb::NoRetry, "full"), (with & 2) != 0);
      case 24:
        if (fake->listener && !fake->listener->is_closed) {
          const auto ends = network->connect(fake->listener->events.pick_loop(), loop->next());
          loop->post([this, end = ends.first, far = ends.second] {
            if (fake->listener) fake->listener->events.accepted(end);
            far->close();
          });
        }
        return;
      case 25: {
        static const std::array<std::string, 5> kAddresses{"127.0.0.1", "fe80::1", "::1", "10.1.1.1:9", "host"};
        interfaces.clear();
        for (std::size_t i = 0; i < kAddresses.size(); ++i) {
          if ((with >> i & 1) != 0) interfaces.push_back(kAddresses[i]);
        }
        if (with == 0xff) interfaces = nb::conn::interface_addresses();
        return manager.refresh_addresses();
      }
      case 26:
        return (void)server_principal->store().set_default((with & 1) != 0 ? needy : plain);
      case 27:
        for (const auto& done : std::exchange(asked, {})) done({});
        return;
      case 28:
        ++asked_for;
        return manager.pin(endpoint(with), {}, {}, [this](auto pinned) {
          ++answers;
          if (pinned) pins.push_back(*std::move(pinned));
        });
      case 29:
        if (!pins.empty()) pins.pop_back();
        return;
      case 30:
        tokens.push_back(manager.on_endpoints_changed([] {}));
        if ((with & 1) != 0) network->swallow("nowhere");
        if (tokens.size() > 4) tokens.clear();
        return;
      case 31:
        // Addresses of peers, as sockets say them.
        (void)nb::conn::peer_source(std::string("[::ffff:1.2.3.") + std::to_string(with) + "]:5");
        (void)nb::conn::peer_source(std::string("[2001:db8::") + std::to_string(with) + "]:5");
        (void)nb::conn::peer_source(std::string(1, static_cast<char>(with)) + ":5");
        return;
    }
  }

  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<nb::conn::EventLoop> loop = nb::conn::EventLoop::make_by_hand(clock);
  std::shared_ptr<nb::transport::MemoryNetwork> network = nb::transport::MemoryNetwork::make(65536);
  std::shared_ptr<nb::conn::testing::FakeProtocol> fake = std::make_shared<nb::conn::testing::FakeProtocol>(network);
  std::vector<std::string> interfaces{"127.0.0.1"};
  std::shared_ptr<const nb::Principal> server_principal;
  nb::Blessings plain, needy;
  Relay relay;
  std::array<std::shared_ptr<Manager>, 3> managers;
  std::vector<Dialed> connections;
  std::vector<std::shared_ptr<nb::conn::PinnedConnection>> pins;
  std::vector<std::shared_ptr<Echo>> listeners;
  std::vector<std::shared_ptr<void>> tokens;
  std::vector<nb::Canceler> cancelers;
  std::vector<std::function<void(nb::PreparedDischarges)>> asked;
  int asked_for = 0;
  int answers = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 512) return 0;
  World world(data[0]);
  for (std::size_t at = 1; at + 1 < size; at += 2) {
    world.step(data[at], data[at + 1]);
    if ((data[at + 1] & 0x81) != 0x81) world.loop->poll();
  }
  return 0;
}

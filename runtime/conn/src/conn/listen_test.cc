// Where a manager says that it can be dialed, what went wrong with listeners, and who is told
// (docs/spec/flow-protocol.md 11.4).
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>

#include "conn/testing/fake_listener.h"
#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;

namespace {

// A pair whose managers know the protocol "tcp" as one that the test plays.
struct Played {
  std::shared_ptr<FakeProtocol> protocol;
  std::vector<std::string> interfaces = {"192.0.2.7", "2001:db8::7"};
  Pair pair;

  Played()
      : pair("local", [this](ManagerOptions& options) {
          if (!protocol) protocol = std::make_shared<FakeProtocol>(nb::transport::MemoryNetwork::make());
          options.protocols.add("tcp", {protocol, "tcp"});
          options.interface_addresses = [this] { return interfaces; };
        }) {}

  std::vector<std::string> addresses() const {
    std::vector<std::string> found;
    for (const auto& endpoint : pair.server->status().endpoints) {
      CHECK(endpoint.blessing_names == std::vector<std::string>{"family:server"});
      CHECK(endpoint.routing_id == routing_id(1));
      found.push_back(endpoint.address);
    }
    return found;
  }
};

const ListenedAt kAnywhere{"tcp", "0.0.0.0:8101"};

}  // namespace

TEST_CASE(
    "[F-3] a listener on all addresses has an endpoint for each, and others when asked after the network changed") {
  Played played;
  auto& server = *played.pair.server;
  int changes = 0;
  const auto watch = server.on_endpoints_changed([&] { ++changes; });
  CHECK(server.listen("tcp", "[::]:8101").value().address == "192.0.2.7:8101");
  CHECK(played.addresses() == std::vector<std::string>{"192.0.2.7:8101", "[2001:db8::7]:8101"});
  CHECK(changes == 1);
  server.refresh_addresses();
  CHECK(changes == 1);  // nothing has changed
  played.interfaces = {"198.51.100.3"};
  CHECK(played.addresses().size() == 2);  // nobody has asked
  server.refresh_addresses();
  CHECK(played.addresses() == std::vector<std::string>{"198.51.100.3:8101"});
  CHECK(changes == 2);
}

TEST_CASE("[F-11] what became of listeners is told by protocol and address, as they were asked for") {
  Played played;
  auto& server = *played.pair.server;
  int changes = 0;
  const auto watch = server.on_endpoints_changed([&] { ++changes; });
  CHECK(server.status().listen_errors.empty());
  played.protocol->refuses = true;
  CHECK(server.listen("tcp", "0.0.0.0:8101").error().is(nb::transport::kNetworkId));
  CHECK(server.status().listen_errors.at(kAnywhere).is(nb::transport::kNetworkId));
  CHECK(server.status().endpoints.at(0).protocol == "bidi");
  CHECK(changes == 1);
  CHECK(server.listen("carrier-pigeon", "roof").error().is(nb::transport::kBadArgId));
  CHECK(server.status().listen_errors.at({"carrier-pigeon", "roof"}).is(nb::transport::kBadArgId));
  CHECK(changes == 2);
  played.protocol->refuses = false;
  CHECK(server.listen("tcp", "0.0.0.0:8101"));
  CHECK(!server.status().listen_errors.at(kAnywhere));
  CHECK(changes == 3);

  const auto listener = played.protocol->listener;
  listener->events.ended(nb::transport::network_error("accepting: gone"));
  CHECK(changes == 4);
  CHECK(listener->is_closed);
  CHECK(server.status().listen_errors.at(kAnywhere).message() == "accepting: gone");
  CHECK(server.status().endpoints.at(0).protocol == "bidi");
  CHECK(server.listen("tcp", "0.0.0.0:8101"));
  CHECK(!server.status().listen_errors.at(kAnywhere));

  bool stopped = false;
  server.stop_listening([&] { stopped = true; });
  played.pair.until([&] { return stopped; });
  CHECK(server.status().listen_errors.empty());
}

TEST_CASE("[F-3] nobody is told of changes any more once the manager is closed, or the token dropped") {
  Played played;
  auto& server = *played.pair.server;
  int kept = 0;
  int dropped = 0;
  const auto watch = server.on_endpoints_changed([&] { ++kept; });
  server.on_endpoints_changed([&] { ++dropped; });
  CHECK(server.listen("tcp", "192.0.2.7:1"));
  bool closed = false;
  server.close([&] { closed = true; });
  played.pair.until([&] { return closed; });
  CHECK(server.listen("tcp", "192.0.2.7:2").error().is(nb::transport::kBadStateId));
  const auto late = server.on_endpoints_changed([&] { ++kept; });
  CHECK(kept == 1);
  CHECK(dropped == 0);
}

TEST_CASE("[F-3] endpoints carry the names from the start, also while the first discharges are on their way") {
  std::vector<std::function<void(nb::PreparedDischarges)>> asked;
  Pair pair("local", [&](ManagerOptions& options) {
    options.prepare_discharges = [&](const nb::Blessings&, std::function<void(nb::PreparedDischarges)> done) {
      asked.push_back(std::move(done));
    };
  });
  const auto principal = pair.family.stranger();
  const auto caveat = nb::third_party_caveat(pair.family.member("discharger")->public_key(), "somewhere", {},
                                             {nb::unconstrained_use()});
  REQUIRE(caveat);
  pair.family.name_member(*principal, "careful", *caveat);
  const auto careful = pair.make(routing_id(3), principal);
  REQUIRE(asked.size() == 1);
  const std::vector<std::string> names = {"family:careful"};
  CHECK(careful->listen("local", "careful").value().blessing_names == names);
  CHECK(careful->status().endpoints.at(0).blessing_names == names);
  asked[0]({});
  CHECK(careful->status().endpoints.at(0).blessing_names == names);
  bool closed = false;
  careful->close([&] { closed = true; });
  pair.until([&] { return closed; });
}

TEST_CASE("[F-32] each thing that goes wrong has its class of error") {
  Pair pair("tcp");
  pair.network->swallow("hole");
  const auto endpoint = pair.listen();
  auto& server = *pair.server;
  // Cannot bind; a bad address; a protocol that there is not.
  CHECK(server.listen("tcp", endpoint.address).error().is(nb::transport::kNetworkId));
  CHECK(server.listen("tcp", "no address").error().is(nb::transport::kBadArgId));
  CHECK(server.listen("carrier-pigeon", "roof").error().is(nb::transport::kBadArgId));
  // Not in the cache.
  CHECK(Pair::dial_cached(*pair.client, endpoint).error().is(nb::transport::kBadStateId));
  // Connecting refused, or without an answer in time; the context's end.
  nb::naming::Endpoint elsewhere = endpoint;
  elsewhere.protocol = "local";
  CHECK(pair.dial(elsewhere).error().is(nb::transport::kDialFailedId));
  elsewhere.address = "hole";
  std::optional<nb::Error> late;
  const auto root = nb::Context::root(pair.loop);
  pair.client->dial(elsewhere, root.with_timeout(1s), {}, [&](const auto& result) { late = result.error(); });
  pair.clock->advance(1s);
  pair.until([&] { return late.has_value(); });
  CHECK(nb::verror::Timeout.matches(*late));
  auto [context, canceler] = root.with_cancel();
  canceler.cancel();
  CHECK(nb::verror::Canceled.matches(pair.dial(endpoint, context).error()));
  // Not the server that was meant, or not one that is trusted.
  pair.acceptor = [](const std::shared_ptr<Flow>& flow) { flow->close(); };
  nb::naming::Endpoint other = endpoint;
  other.routing_id = routing_id(7);
  CHECK(pair.dial(other).error().is(nb::transport::kDialFailedId));
  other = endpoint;
  other.blessing_names = {"somebody"};
  CHECK(nb::verror::NotTrusted.matches(pair.dial(other).error()));
  // A manager that is closed.
  bool closed = false;
  pair.client->close([&] { closed = true; });
  pair.until([&] { return closed; });
  CHECK(pair.client->listen("tcp", "127.0.0.1:0").error().is(nb::transport::kBadStateId));
  CHECK(pair.dial(endpoint).error().is(nb::transport::kBadStateId));
}

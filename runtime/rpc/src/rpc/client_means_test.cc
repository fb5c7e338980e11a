// What a client is made with, and what it makes of it: docs/spec/rpc.md 15.1 and 15.2.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include <nb/rpc/bind.h>

#include "naming/endpoint.h"
#include "rpc/errors.h"
#include "rpc/runtime_core.h"
#include "rpc/server_order.h"
#include "rpc/testing/client_scene.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::ClientScene;
using testing::stranger;
using testing::TestDischarger;
using testing::Town;

Time in(const Clock& clock, std::chrono::seconds time) {
  return Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(clock.wall_now() + time));
}

}  // namespace

TEST_CASE(
    "[0-3] a client uses network, clock and principal that it was made with, and discharges to their last moment") {
  const auto clock = std::make_shared<HandClock>();
  Town town(clock);
  const auto dave = stranger("dave");
  std::atomic<bool> is_closed = false;
  const auto discharger = std::make_shared<TestDischarger>([&](const Caveat& caveat) -> Result<Discharge> {
    if (is_closed) return verror::NoAccess("closed");
    return dave->mint_discharge(caveat, expiry_caveat(in(*clock, 100s)));
  });
  auto dave_runtime = town.runtime(dave);
  auto dave_server = dave_runtime.serve(discharger, town.at("dave").authorizer(allow_everyone())).value();
  auto alice_runtime = town.runtime(town.alice);
  const auto calc = std::make_shared<testing::Calc>();
  auto server = alice_runtime.serve(calc, town.at("calc")).value();
  const auto phone = blessed_by(
      town.alice, "phone",
      {third_party_caveat(dave->public_key(), dave_server.name(), DischargeRequirements(), {unconstrained_use()})
           .value()});
  phone->add_to_roots(dave->store().default_blessings()).value();
  auto client_runtime = town.runtime(phone);
  const calc::CalcClient client(client_runtime, server.name());
  const auto call = [&](std::chrono::nanoseconds timeout = 1h) {
    return client.Add(client_runtime.context().with_timeout(timeout), 1, 2).get().error();
  };

  // The fetching has no context of its own: it ends with that of the call.
  CHECK(verror::Timeout.matches(call(0s)));
  CHECK(discharger->impetuses().empty());
  CHECK_FALSE(call());
  CHECK(discharger->impetuses().size() == 1);
  // A new one is asked for in good time, but while there is none the old one does until it expires, by this clock.
  is_closed = true;
  clock->advance(99s);
  CHECK_FALSE(call());
  clock->advance(2s);
  const Error expired = call();
  CHECK_MESSAGE(verror::NoAccess.matches(expired), expired.message());
  is_closed = false;
  CHECK_FALSE(call());
}

TEST_CASE("[0-4] a client finds out once which networks the machine is in, and orders servers by them from then on") {
  int asked = 0;
  // The first network is that of the machine; later it would be another one.
  const auto networks = [&asked] {
    const std::uint8_t second = ++asked == 1 ? 51 : 18;
    return std::vector{IpNetwork({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, second, 100, 0}, 96 + 24)};
  };
  ClientScene s([&](RuntimeOptions& options) {
    LocalNetwork local = LocalNetwork::make();
    local.core()->networks_of_machine = networks;
    options.local_network(local);
  });
  CHECK(asked == 1);
  // Nobody is dialed for it.
  const auto order = [&](const std::vector<std::string>& addresses) {
    std::vector<std::string> servers;
    for (const auto& address : addresses) {
      naming::Endpoint endpoint;
      endpoint.protocol = "tcp";
      endpoint.address = address;
      servers.push_back("/" + naming::to_string(endpoint));
    }
    const Error error = s.now(s.add("n", s.among(servers, CallOptions().connection_timeout(0s)))).error();
    std::string found;
    for (const auto& each : error.sub_errors()) {
      for (const auto& address : addresses) {
        if (each.name.find("@" + address + "@") != std::string::npos) found += address + " ";
      }
    }
    return found;
  };
  CHECK(order({"198.18.100.1:1", "198.51.100.1:1"}) == "198.51.100.1:1 198.18.100.1:1 ");
  CHECK(order({"198.51.100.1:1", "198.18.100.1:1"}) == "198.51.100.1:1 198.18.100.1:1 ");
  CHECK(order({"host:1", "198.18.100.1:1", "198.51.100.1:1"}) == "198.51.100.1:1 198.18.100.1:1 host:1 ");
  CHECK(asked == 1);
}

TEST_CASE("nothing is called without judging the server: whoever accepts everybody has to say so") {
  ClientScene s;
  auto& door = s.serve("a");
  // A runtime that acts as somebody refuses a place without a name …
  naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = "a";
  const std::string nameless = "/" + naming::to_string(endpoint);
  CHECK(verror::NotTrusted.matches(s.now(s.add(nameless, CallOptions().no_retry())).error()));
  CHECK(door.times.empty());
  // … unless the call has a rule that lets anybody through, and even then it learns who that is.
  auto call = s.add(nameless, CallOptions().server_authorizer(allow_everyone()));
  s.settle();
  CHECK(call.server().get()->names.valid == std::vector<std::string>{"alice"});
  CHECK(*s.now(std::move(call)) == 3);
}

TEST_CASE("[1-26] first the server is judged, then discharges are fetched, then the request is sent") {
  testing::VaultWorld w;
  std::vector<std::string> events;
  std::mutex mutex;
  const auto note = [&](std::string what) {
    const std::lock_guard lock(mutex);
    if (events.empty() || events.back() != what) events.push_back(std::move(what));
  };
  const auto dave = stranger("dave");
  const auto discharger = std::make_shared<TestDischarger>([&](const Caveat& caveat) {
    note("discharge");
    return dave->mint_discharge(caveat, unconstrained_use());
  });
  auto dave_runtime = w.runtime(dave);
  auto dave_server = dave_runtime.serve(discharger, w.at("dave").authorizer(allow_everyone())).value();
  const auto phone = blessed_by(
      w.alice, "phone",
      {third_party_caveat(dave->public_key(), dave_server.name(), DischargeRequirements(), {unconstrained_use()})
           .value()});
  phone->add_to_roots(dave->store().default_blessings()).value();
  const auto judging = authorizer([&](const Context&, const SecurityCall&) {
    note("judge");
    return Result<void>();
  });
  const auto granting = [&](const Context&, const SecurityCall&) -> Result<Blessings> {
    note("grant");
    return Blessings();
  };
  auto client = w.client_of(phone, CallOptions().server_authorizer(judging).granter(granting));
  const auto got = client.Get(w.context()).get();
  REQUIRE_MESSAGE(got, got.error().message());
  note("answered");
  CHECK(events == std::vector<std::string>{"judge", "discharge", "grant", "answered"});
}

TEST_CASE("[1-1] what the client of 2014 had errors of its own for has a place among today's") {
  ClientScene s;
  s.serve("a");
  // No servers, and names without an address.
  const Error unrooted = s.now(s.add("a", CallOptions().no_retry())).error();
  CHECK(verror::NoServers.matches(unrooted));
  REQUIRE(unrooted.sub_errors().size() == 1);
  CHECK(kNonRootedName.matches(unrooted.sub_errors()[0].error));
  // The flow closed for sending.
  auto centre = calc::CalcClient(s.runtime(), s.at("a")).Centre(s.context());
  auto closed = centre.close_send();
  auto sent = centre.send(calc::Point(1, 2));
  s.settle();
  CHECK(closed.get());
  CHECK(verror::Aborted.matches(sent.get().error()));
  // Stream results that nobody received.
  auto count = calc::CalcClient(s.runtime(), s.at("a")).Count(s.context(), 3);
  auto finished = count.finish();
  s.settle();
  CHECK(kRemainingStreamResults.matches(finished.get().error()));
}

}  // namespace nb::rpc

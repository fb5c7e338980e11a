// Peers that claim to be others: what a dial gets when there are connections with the right routing id to the wrong
// one, and connections whose peer's discharges are missing (docs/spec/flow-protocol.md 11.2 and 11.3).
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/security/caveat.h>

#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using nb::naming::Endpoint;

namespace {

// Besides the two, others who may say that they are one of them.
struct Crowd : Pair {
  Crowd() : Pair("local") {}
  ~Crowd() {
    for (const auto& one : others) {
      bool closed = false;
      one->close([&closed] { closed = true; });
      until([&closed] { return closed; });
    }
    others.clear();
  }

  Manager& other(nb::naming::RoutingId id, std::shared_ptr<const nb::Principal> principal) {
    others.push_back(make(id, std::move(principal)));
    return *others.back();
  }
  // Its name needs a discharge, and it shows none.
  std::shared_ptr<const nb::Principal> without_discharge(const std::string& name) const {
    const auto discharger = *nb::Principal::make(nb::KeyType::kEd25519);
    auto principal = family.member(name);
    family.name_member(
        *principal, name,
        nb::third_party_caveat(discharger->public_key(), "nowhere", {}, {nb::unconstrained_use()}).value());
    return principal;
  }
  // Has a connection to the server, which knows of it when this returns.
  void connect(Manager& from) {
    const auto before = server->status().connections;
    REQUIRE(dial_as(from, at));
    until([&] { return server->status().connections == before + 1; });
    for (int i = 0; i < 200; ++i) poll();
  }

  Endpoint at = listen();
  std::vector<std::shared_ptr<Manager>> others;
};

DialOptions anybody() {
  DialOptions options;
  options.authorizer = nb::allow_everyone();
  return options;
}

Endpoint back_to(std::uint8_t id, const std::string& name) {
  Endpoint back;
  back.protocol = "bidi";
  back.routing_id = routing_id(id);
  back.blessing_names = {name};
  return back;
}

}  // namespace

TEST_CASE("somebody who claims another's routing id does not keep a server from dialing the other one") {
  Crowd crowd;
  const Endpoint real = crowd.client->listen("local", "client").value();
  SUBCASE("he has connected to it") {
    crowd.connect(crowd.other(routing_id(2), crowd.family.member("mallory")));
    REQUIRE(crowd.server->dial_cached(back_to(2, "family:client"), {}, anybody()));
    CHECK(nb::verror::NotTrusted.matches(crowd.server->dial_cached(real, {}).error()));
  }
  SUBCASE("he has connected to it, and keeps a discharge back") {
    crowd.connect(crowd.other(routing_id(2), crowd.without_discharge("mallory")));
  }
  SUBCASE("it has dialed him") {
    Endpoint trap = crowd.other(routing_id(2), crowd.family.member("mallory")).listen("local", "trap").value();
    trap.routing_id = {};
    REQUIRE(crowd.dial_as(*crowd.server, trap, anybody()));
  }
  const auto dialed = crowd.dial_as(*crowd.server, real);
  REQUIRE_MESSAGE(dialed, std::string(dialed.error().message()));
  CHECK(dialed->server.valid == std::vector<std::string>{"family:client"});
  // And it is found again.
  CHECK(crowd.dial_as(*crowd.server, real).value().connection == dialed->connection);
  CHECK(crowd.server->dial_cached(real, {}).value().connection == dialed->connection);
  CHECK(crowd.server->status().connections == 2);
}

TEST_CASE("a server that was dialed itself and is not trusted is not dialed again") {
  Crowd crowd;
  Endpoint real = crowd.client->listen("local", "client").value();
  REQUIRE(crowd.dial_as(*crowd.server, real));
  real.blessing_names = {"family:bank"};
  CHECK(nb::verror::NotTrusted.matches(crowd.dial_as(*crowd.server, real).error()));
  CHECK(crowd.server->status().connections == 1);
}

TEST_CASE("a connection whose peer keeps a discharge back does not stand before one that is trusted") {
  Crowd crowd;
  crowd.connect(crowd.other(routing_id(5), crowd.without_discharge("late")));
  crowd.connect(crowd.other(routing_id(5), crowd.family.member("good")));
  const Endpoint back = back_to(5, "family:good");
  const auto dialed = crowd.dial_as(*crowd.server, back);
  REQUIRE(dialed);
  CHECK(dialed->server.valid == std::vector<std::string>{"family:good"});
  CHECK(crowd.server->dial_cached(back, {}).value().connection == dialed->connection);
}

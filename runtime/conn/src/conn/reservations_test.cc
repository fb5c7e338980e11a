#include "conn/reservations.h"

#include <doctest/doctest.h>

#include "conn/pending_dial.h"

using namespace nb::conn;
using Way = Reservations::Way;

namespace {

struct Table {
  std::shared_ptr<nb::conn::Loop> loop = nb::conn::Loop::make(std::make_shared<nb::HandClock>());
  Reservations reservations;

  Reservations::Taken take(const std::string& address, std::uint8_t id, bool has_connections_there = false) {
    Reservations::Wanted wanted;
    wanted.address = address_key("tcp", address);
    nb::naming::RoutingId routing_id;
    routing_id.bytes.fill(id);
    if (id != 0) wanted.path = path_key("tcp", address, routing_id);
    return reservations.take(wanted, has_connections_there,
                             [&] { return std::make_shared<PendingDial>(loop, [](PendingDial&) {}); });
  }
};

}  // namespace

TEST_CASE("[F-6] without a routing id the address is reserved once, and others join") {
  Table table;
  const auto first = table.take("a:1", 0);
  CHECK(first.way == Way::kDial);
  const auto second = table.take("a:1", 0);
  CHECK(second.way == Way::kJoined);
  CHECK(second.dial == first.dial);
  CHECK(table.take("b:1", 0).way == Way::kDial);
  CHECK(table.reservations.size() == 2);
}

TEST_CASE("[F-6] with one address and path are reserved, so that both kinds join") {
  Table table;
  const auto first = table.take("a:1", 7);
  CHECK(first.way == Way::kDial);
  CHECK(table.reservations.keys_of(*first.dial).size() == 2);
  CHECK(table.take("a:1", 7).dial == first.dial);
  CHECK(table.take("a:1", 0).dial == first.dial);
}

TEST_CASE("[F-6] a second routing id at the address waits for the dial to it, and is given back when that is over") {
  Table table;
  const auto first = table.take("a:1", 7);
  const auto second = table.take("a:1", 8);
  CHECK(second.way == Way::kFollow);
  CHECK(table.take("a:1", 8).way == Way::kJoined);
  const auto followers = table.reservations.over(*first.dial);
  REQUIRE(followers.size() == 1);
  CHECK(followers[0] == second.dial);
  CHECK(table.reservations.over(*first.dial).empty());
  table.reservations.release(*second.dial);
  // The first one may still be on its way through the connection, and the second may begin anew.
  CHECK(table.take("a:1", 7, true).dial == first.dial);
  CHECK(table.take("a:1", 8, true).way == Way::kThrough);
  CHECK(table.reservations.release(*first.dial).empty());
  CHECK(table.reservations.keys_of(*first.dial).empty());
}

TEST_CASE("[F-6] where connections lead to others only the path is reserved") {
  Table table;
  const auto first = table.take("a:1", 7, true);
  CHECK(first.way == Way::kThrough);
  CHECK(table.reservations.keys_of(*first.dial).size() == 1);
  CHECK(table.take("a:1", 8, true).way == Way::kThrough);
  CHECK(table.take("a:1", 7, true).way == Way::kJoined);
}

TEST_CASE("a dial that is over and not released yet is joined by nobody, and its release harms no other") {
  Table table;
  const auto first = table.take("a:1", 0);
  first.dial->take_all();
  const auto second = table.take("a:1", 0);
  CHECK(second.way == Way::kDial);
  CHECK(second.dial != first.dial);
  table.reservations.release(*first.dial);
  CHECK(table.take("a:1", 0).dial == second.dial);
}

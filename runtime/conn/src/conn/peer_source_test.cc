#include "conn/peer_source.h"

#include <doctest/doctest.h>

using nb::conn::peer_source;

TEST_CASE("the ports of one address are one source, and other addresses are others") {
  CHECK(peer_source("192.0.2.1:1000") == peer_source("192.0.2.1:2000"));
  CHECK(peer_source("192.0.2.1:1000") != peer_source("192.0.2.2:1000"));
}

TEST_CASE("an IPv4 address is the same source when a socket of both families reports it") {
  CHECK(peer_source("[::ffff:192.0.2.1]:1000") == peer_source("192.0.2.1:1000"));
  CHECK(peer_source("[::ffff:192.0.2.1]:1000") != peer_source("[::ffff:192.0.2.2]:1000"));
}

TEST_CASE("the addresses of one IPv6 /64 are one source") {
  CHECK(peer_source("[2001:db8:0:1::5]:1000") == peer_source("[2001:db8:0:1:ffff::]:2000"));
  CHECK(peer_source("[2001:db8:0:1::5]:1000") != peer_source("[2001:db8:0:2::5]:1000"));
  CHECK(peer_source("[fe80::1%eth0]:1000") == "fe80::1%eth0");
}

TEST_CASE("what is no IP address is a source of its own") {
  CHECK(peer_source("dialer of server") == "dialer of server");
}

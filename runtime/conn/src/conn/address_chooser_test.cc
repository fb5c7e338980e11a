#include "conn/address_chooser.h"

#include <doctest/doctest.h>

using namespace nb::conn;

namespace {

using Addresses = std::vector<std::string>;

const Addresses kInterfaces = {"192.0.2.7", "198.51.100.1", "2001:db8::7"};

}  // namespace

TEST_CASE("[F-1] a listener on all addresses is dialed at each one of its family, one at an address of its own there") {
  CHECK(addresses_to_dial("tcp", "192.0.2.7:1", kInterfaces, nullptr) == Addresses{"192.0.2.7:1"});
  CHECK(addresses_to_dial("tcp", "0.0.0.0:1", kInterfaces, nullptr) == Addresses{"192.0.2.7:1", "198.51.100.1:1"});
  CHECK(addresses_to_dial("wsh", "[::]:1", kInterfaces, nullptr) ==
        Addresses{"192.0.2.7:1", "198.51.100.1:1", "[2001:db8::7]:1"});
  CHECK(addresses_to_dial("tcp6", "[::]:1", kInterfaces, nullptr) == Addresses{"[2001:db8::7]:1"});
  CHECK(addresses_to_dial("unix", "/run/x", kInterfaces, nullptr) == Addresses{"/run/x"});
}

TEST_CASE("[F-1] a chooser picks, in its order, and may name a port of its own; none: the address stays") {
  const auto chosen = [](Addresses addresses) {
    return addresses_to_dial("tcp", "0.0.0.0:1", kInterfaces,
                             [addresses](const std::string& protocol, const auto& all) {
                               CHECK(protocol == "tcp");
                               CHECK(all == Addresses{"192.0.2.7", "198.51.100.1"});
                               return addresses;
                             });
  };
  CHECK(chosen({"198.51.100.1"}) == Addresses{"198.51.100.1:1"});
  CHECK(chosen({"203.0.113.1:99", "2001:db8::9"}) == Addresses{"203.0.113.1:99", "[2001:db8::9]:1"});
  CHECK(chosen({}) == Addresses{"0.0.0.0:1"});
}

TEST_CASE("the machine has an address that can be dialed, and none is unspecified") {
  const auto addresses = interface_addresses();
  CHECK(!addresses.empty());
  for (const std::string& address : addresses) CHECK(address.find('%') == std::string::npos);
  CHECK(is_unspecified("0.0.0.0:1"));
  CHECK(is_unspecified("[::]:1"));
  CHECK(!is_unspecified("[::1]:1"));
  CHECK(!is_unspecified("anything"));
}

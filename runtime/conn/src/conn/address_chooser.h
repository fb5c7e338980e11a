// Under which addresses a listener can be dialed that listens on all of this machine's (docs/spec/flow-protocol.md
// 11.4): "0.0.0.0:8101" and "[::]:8101" are no addresses that anybody could dial.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace nb::conn {

// Picks those that shall stand in endpoints, in this order, from addresses without port ("192.0.2.7", "2001:db8::7").
// May also give others, with a port of their own if they have one ("203.0.113.1:8101", as a router forwards it). None:
// the unspecified address stays. Any thread; must not block.
using AddressChooser =
    std::function<std::vector<std::string>(const std::string& protocol, const std::vector<std::string>& addresses)>;

// The addresses of the interfaces that are up: not the loopback and link-local ones, or only the loopback ones, if
// there are no others. IPv4 first.
std::vector<std::string> interface_addresses();

// Whether a listener at this address can be reached at several. False for whatever is no "host:port".
bool is_unspecified(const std::string& address);

// What a listener that is bound to `bound` is dialed at; never empty. `interfaces` as interface_addresses() gives them;
// a null chooser takes them all.
std::vector<std::string> addresses_to_dial(const std::string& protocol, const std::string& bound,
                                           const std::vector<std::string>& interfaces, const AddressChooser& chooser);

}  // namespace nb::conn

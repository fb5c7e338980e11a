// Where an unauthenticated peer comes from, for limits that one peer shall not use up alone.
#pragma once

#include <string>

namespace nb::conn {

// A key: the same for all ports of one IPv4 address, and for all addresses of one IPv6 /64, which is what one customer
// gets. Of another kind of address ("local"), the address itself.
std::string peer_source(const std::string& remote_address);

}  // namespace nb::conn

// TCP: the protocols `tcp` (either family), `tcp4` and `tcp6`. Addresses are "host:port" and "[v6]:port".
//
// Dialing resolves the host on Asio's resolver thread (not for literal addresses), tries each address in turn, and sets
// TCP_NODELAY and keep-alive with a period of 30 s. Listening takes literal addresses, "localhost", or no host.
#pragma once

#include <memory>

#include "transport/stream.h"

namespace nb::transport {

std::shared_ptr<Protocol> make_tcp();

}  // namespace nb::transport

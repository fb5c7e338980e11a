// Websockets over a byte stream protocol (docs/spec/flow-protocol.md 2.2 to 2.4).
//
// make_websocket: `ws`, `ws4`, `ws6`; dialed and listened on as websockets. make_hybrid: `wsh`, `wsh4`, `wsh6`; one
// port for websockets and byte streams, told apart by the first byte; dialed as byte streams. A family ("4", "6") in
// the name goes down to the protocol below; so do addresses.
#pragma once

#include <memory>

#include "transport/random_source.h"
#include "transport/stream.h"

namespace nb::transport {

// `bytes` is shared by those on top of it: tcp, or in tests the in-memory network.
std::shared_ptr<Protocol> make_websocket(std::shared_ptr<Protocol> bytes, RandomSource random);
std::shared_ptr<Protocol> make_hybrid(std::shared_ptr<Protocol> bytes, RandomSource random);

}  // namespace nb::transport

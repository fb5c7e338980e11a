// An open websocket as a Stream that keeps messages. Internal to websockets.
#pragma once

#include <memory>
#include <string>

#include <nb/base/bytes.h>

#include "transport/stream.h"
#include "transport/websocket.h"

namespace nb::transport {

// `bytes` is a byte stream on which the upgrade is done; `first` came in with the end of it. `protocol` is what the
// stream says it is, "ws" or "wsh".
std::shared_ptr<Stream> make_websocket_stream(std::shared_ptr<Stream> bytes, WebSocket::Role role, RandomSource random,
                                              std::string protocol, Bytes first);

}  // namespace nb::transport

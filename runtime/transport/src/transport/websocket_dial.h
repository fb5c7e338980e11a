// Dialing a websocket: the byte stream first, then the upgrade on it. Internal to websockets.
#pragma once

#include <memory>
#include <string>

#include "transport/random_source.h"
#include "transport/stream.h"

namespace nb::transport {

// `protocol` is the websocket's name, `below` that of the byte stream in `bytes`.
std::shared_ptr<Dialing> dial_websocket(const std::shared_ptr<Protocol>& bytes, const std::shared_ptr<Loop>& loop,
                                        const std::string& protocol, const std::string& below,
                                        const std::string& address, DialOptions options, RandomSource random,
                                        DialDone done);

}  // namespace nb::transport

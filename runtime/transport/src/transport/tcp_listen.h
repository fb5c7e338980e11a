// Listening on tcp. Internal to tcp.
#pragma once

#include <memory>
#include <string>

#include "transport/stream.h"

namespace nb::transport {

Result<std::shared_ptr<Listener>> listen_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                             const std::string& address, ListenEvents events);

}  // namespace nb::transport

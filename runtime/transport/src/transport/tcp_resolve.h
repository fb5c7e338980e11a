// What an address of tcp stands for: the IP addresses of its host. Internal to tcp.
#pragma once

#include <memory>
#include <string>

#include "transport/stream.h"

namespace nb::transport {

std::shared_ptr<Dialing> resolve_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                     const std::string& address, ResolveDone done);

}  // namespace nb::transport

// Dialing over tcp: resolve, then connect to one address after the other. Internal to tcp.
#pragma once

#include <memory>
#include <string>

#include "transport/stream.h"

namespace nb::transport {

std::shared_ptr<Dialing> dial_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                  const std::string& address, DialOptions options, DialDone done);

}  // namespace nb::transport

// What makes of a server more than calls: other kinds of flows, for services that are no objects. A proxy is one.
#pragma once

#include <functional>
#include <memory>

#include "conn/proxied_listener.h"
#include "rpc/flow_kinds.h"

namespace nb::rpc {

class ServerCore;

struct ServerExtras {
  // Registers them, before the server listens. What it registers does not keep the server.
  std::function<void(FlowKinds&, const std::shared_ptr<ServerCore>&)> add_kinds;
  // Lives as long as the server.
  std::shared_ptr<void> keep;
  // What the server is to the proxies behind which it stands.
  conn::Proxied as = conn::Proxied::kServer;
};

}  // namespace nb::rpc

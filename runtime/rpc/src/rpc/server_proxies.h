// The proxies behind which a server stands (ServerOptions::proxy).
#pragma once

#include <string>

#include <nb/base/result.h>

#include "conn/manager.h"
#include "rpc/options.h"
#include "rpc/server_core.h"

namespace nb::rpc {

// Where a proxy is, by the name that a program gives it: "/@6@tcp@…@@", "/host:port", or either without the slash.
Result<naming::Endpoint> proxy_endpoint(const std::string& name);

// Begins to listen by way of all of them, and waits for the first answer of each; so long at most as a program can wait
// for it, and not at all on threads of the loops.
void listen_by_proxies(conn::Manager& manager, const ServerOptions& options, conn::Proxied as);

}  // namespace nb::rpc

#include <nb/services/proxy.h>

#include <memory>
#include <string_view>
#include <utility>

#include "rpc/runtime_core.h"
#include "rpc/server_core.h"
#include "services/proxy_core.h"

namespace nb {
namespace {

class NoObjects final : public Dispatcher {
 public:
  Result<Dispatched> lookup(const Context&, std::string_view) override { return Dispatched(); }
};

}  // namespace

Result<Server> serve_proxy(const Runtime& runtime, const ServerOptions& options, const ProxyLimits& limits) {
  const auto core = std::make_shared<services::ProxyCore>(limits);
  rpc::ServerExtras extras;
  extras.add_kinds = [core = core.get()](rpc::FlowKinds& kinds, const std::shared_ptr<rpc::ServerCore>& server) {
    core->add_kinds(kinds, server);
  };
  extras.keep = core;
  extras.as = conn::Proxied::kProxy;
  auto server = runtime.core()->serve(std::make_shared<NoObjects>(), options, std::move(extras));
  if (!server) return server.error();
  core->started();
  return server;
}

}  // namespace nb

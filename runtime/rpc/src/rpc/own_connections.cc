#include "rpc/own_connections.h"

#include <utility>

namespace nb::rpc {
namespace {

constexpr ContextKey kConnections{"connections"};

}  // namespace

Context with_connections(const Context& context, std::shared_ptr<const OwnConnections> connections) {
  return context.with_value(kConnections, std::move(connections));
}

const OwnConnections* own_connections(const Context& context) {
  return static_cast<const OwnConnections*>(context.value(kConnections));
}

}  // namespace nb::rpc

// Over whose connections a call goes (docs/spec/flow-protocol.md 4.8, 11). A server has connections of its own, those
// it accepted and those it dialed; calls with its context, or with one made from that, go over them, so that whoever is
// called can call back. All other calls go over the runtime's, whose other ends cannot.
#pragma once

#include <memory>

#include <nb/base/context.h>
#include <nb/base/result.h>

#include "conn/manager.h"

namespace nb::rpc {

struct OwnConnections {
  std::weak_ptr<conn::Manager> manager;  // set before anybody gets the context
};

Context with_connections(const Context& context, std::shared_ptr<const OwnConnections> connections);
// Null: the context says nothing, so it is the runtime's.
const OwnConnections* own_connections(const Context& context);

}  // namespace nb::rpc

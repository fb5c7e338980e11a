// The kinds of flows (docs/spec/rpc.md 1): the first byte that the opener of a flow writes says who it is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include <nb/base/bytes.h>

#include "conn/connection.h"

namespace nb::rpc {

inline constexpr std::uint8_t kDataFlow = 'd';  // one call
inline constexpr std::uint8_t kTypeFlow = 't';  // VOM type messages, one such flow for each connection and dialer

// Gets a flow of its kind on the connection's executor, with what followed the kind byte in the first payload. It sets
// a listener of its own, and tells the flow that it has consumed `rest`.
using FlowHandler = std::function<void(std::shared_ptr<conn::Flow> flow, BytesView rest)>;

// Reads the kind of every flow that a peer opens, and passes it to whoever is registered for it. Flows of other kinds
// are closed, and so are those that do not say their kind in time.
class FlowKinds {
 public:
  // `timers` times the kind byte.
  explicit FlowKinds(std::shared_ptr<Timers> timers) : timers_(std::move(timers)) {}
  void add(std::uint8_t kind, FlowHandler handler) { handlers_[kind] = std::move(handler); }
  // For conn::ManagerOptions. The kinds outlive the manager's flows.
  static conn::FlowAcceptor acceptor(std::shared_ptr<const FlowKinds> kinds);

  // To the one whose kind the first byte says; closed if there is none. `first` is not empty.
  void pass_on(std::shared_ptr<conn::Flow> flow, BytesView first) const;
  const FlowHandler* find(std::uint8_t kind) const;
  const std::shared_ptr<Timers>& timers() const { return timers_; }

 private:
  const std::shared_ptr<Timers> timers_;  // the runtime's
  std::map<std::uint8_t, FlowHandler> handlers_;
};

}  // namespace nb::rpc

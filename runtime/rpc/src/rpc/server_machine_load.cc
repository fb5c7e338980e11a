// What a call counts against its server's limits (ServerOptions::max_calls and its neighbours).
#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/overload.h>

#include "rpc/peer.h"
#include "rpc/server_core.h"
#include "rpc/server_hooks.h"
#include "rpc/server_machine.h"

namespace nb::rpc {

ServerMachine::~ServerMachine() {
  forget_load();
  if (hooks_ != nullptr) hooks_->end(verror::Canceled("ended without an answer"));
}

Error ServerMachine::overloaded(std::string_view what, std::size_t most) const {
  return Overloaded(std::to_string(most) + " " + std::string(what) + " are as many as it may have");
}

Error ServerMachine::admit() {
  const ServerOptions& options = server_->options();
  LoadCount& here = Peer::of(*connection_).served_calls();
  if (!here.enter(options.max_calls_per_connection())) {
    return overloaded("calls over one connection", options.max_calls_per_connection());
  }
  if (!server_->load().calls.enter(options.max_calls())) {
    here.leave();
    return overloaded("calls", options.max_calls());
  }
  counts_as_call_ = true;
  return has_streams_ ? admit_as_stream() : Error();
}

Error ServerMachine::admit_as_stream() {
  const std::size_t most = server_->options().max_streams();
  if (!server_->load().streams.enter(most)) return overloaded("streams", most);
  counts_as_stream_ = true;
  return {};
}

// The threads of a pool are known, so those that hold one do not wait. How many an executor of the program's has is
// not.
bool ServerMachine::may_wait() const {
  const std::size_t threads = server_->options().handlers().pool_size();
  const std::size_t most = server_->options().max_queued();
  return server_->load().queued.enter(std::min(most, std::numeric_limits<std::size_t>::max() - threads) + threads);
}

void ServerMachine::begins_to_run() {
  if (server_->options().handlers().pool_size() == 0) server_->load().queued.leave();
}

void ServerMachine::has_left_thread() {
  if (server_->options().handlers().pool_size() > 0) server_->load().queued.leave();
}

void ServerMachine::forget_load() {
  if (std::exchange(counts_as_call_, false)) {
    Peer::of(*connection_).served_calls().leave();
    server_->load().calls.leave();
  }
  if (std::exchange(counts_as_stream_, false)) server_->load().streams.leave();
}

}  // namespace nb::rpc

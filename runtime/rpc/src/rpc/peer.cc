#include "rpc/peer.h"

#include <utility>

#include "naming/endpoint.h"
#include "rpc/errors.h"

namespace nb::rpc {

Peer& Peer::of(conn::Connection& connection) {
  if (connection.attachment == nullptr) connection.attachment = std::make_shared<Peer>();
  return *static_cast<Peer*>(connection.attachment.get());
}

Result<std::shared_ptr<TypeChannel>> Peer::dialed(conn::Connection& connection) {
  if (dialed_ == nullptr) {
    auto flow = connection.open_side_channel();
    if (!flow) return wrap(kTypeFlowFailure, flow.error());
    dialed_ = TypeChannel::over_dialed(std::move(*flow));
  }
  // Values written after the end of their type flow could never be read.
  if (dialed_->failure()) return wrap(kTypeFlowFailure, dialed_->failure());
  return dialed_;
}

const std::shared_ptr<const Peer::Names>& Peer::names(const conn::Connection& connection) {
  if (names_ == nullptr) {
    names_ = std::make_shared<const Names>(naming::to_string(connection.local_endpoint()),
                                           naming::to_string(connection.remote_endpoint()));
  }
  return names_;
}

void Peer::accept(std::shared_ptr<conn::Flow> flow, BytesView rest) {
  if (accepted_ != nullptr) {
    flow->close();
    return;
  }
  accepted_ = TypeChannel::over_accepted(std::move(flow), rest);
  waiting_.tell();
}

}  // namespace nb::rpc

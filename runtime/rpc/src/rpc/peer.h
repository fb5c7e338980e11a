// Peer: what the rpc layer keeps for each connection: the type flow that we dialed on it (for calls we make) and the
// one that the other end dialed (for calls it makes). Belongs to the connection's executor.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "conn/connection.h"
#include "rpc/load_count.h"
#include "rpc/type_channel.h"

namespace nb::rpc {

class Peer {
 public:
  // The connection's; made at the first use.
  static Peer& of(conn::Connection& connection);

  // Opens the type flow at the first use. Fails when the connection opens no more flows.
  Result<std::shared_ptr<TypeChannel>> dialed(conn::Connection& connection);
  // Null before the other end has opened it.
  const std::shared_ptr<TypeChannel>& accepted() const { return accepted_; }
  // The first one counts; another is closed.
  void accept(std::shared_ptr<conn::Flow> flow, BytesView rest);
  // The endpoints as text, which every call may show. Shared with the calls, which may outlive the connection.
  struct Names {
    Names(std::string local_, std::string remote_) : local(std::move(local_)), remote(std::move(remote_)) {}
    std::string local;
    std::string remote;
  };
  const std::shared_ptr<const Names>& names(const conn::Connection& connection);
  // Calls that the other end has here. Any thread.
  LoadCount& served_calls() { return served_calls_; }
  // Told once, when the other end has opened its type flow.
  void wait_for_accepted(const std::weak_ptr<TypeWaiter>& waiter) { waiting_.add(waiter); }

 private:
  std::shared_ptr<TypeChannel> dialed_;    // shared with the calls that use it
  std::shared_ptr<TypeChannel> accepted_;  // likewise
  std::shared_ptr<const Names> names_;     // made at the first use
  TypeWaiters waiting_;
  LoadCount served_calls_;
};

}  // namespace nb::rpc

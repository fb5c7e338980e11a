// Methods that run on the thread of their connection, and the watch over how long they hold it.
#pragma once

#include <memory>
#include <string>

#include <nb/base/clock.h>
#include <nb/rpc/executor.h>

#include "conn/connection.h"

namespace nb::rpc {

class ServerCore;

// The connection's executor, for one call: every piece of the method that runs there is watched.
Executor in_place_executor(std::shared_ptr<conn::Connection> connection, std::shared_ptr<ServerCore> server,
                           std::string method);

// Stands around a piece of `method` that runs here; one that holds the thread for more than 50 ms is reported to the
// server. Both outlive it.
class InPlaceWatch {
 public:
  InPlaceWatch(ServerCore& server, const std::string& method);
  ~InPlaceWatch();
  InPlaceWatch(const InPlaceWatch&) = delete;
  InPlaceWatch& operator=(const InPlaceWatch&) = delete;

 private:
  ServerCore& server_;
  const std::string& method_;
  const Clock::Steady began_;
};

}  // namespace nb::rpc

// Methods that run on the thread of their connection, and the watch over how long they hold it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <nb/rpc/executor.h>

#include "conn/connection.h"

namespace nb::rpc {

class ServerCore;

// The connection's executor, for one call: every piece of the method that runs there is watched.
Executor in_place_executor(std::shared_ptr<conn::Connection> connection, std::shared_ptr<ServerCore> server,
                           std::string method);

// Runs `piece` of `method` here; one that holds the thread for more than 50 ms is reported to the server.
void watch_in_place(ServerCore& server, const std::string& method, const std::function<void()>& piece);

}  // namespace nb::rpc

// InProcess: servers and clients of one test in one process: no sockets, ports, folders or environment, and yet the
// same connections as everywhere, encrypted, with both ends proving who they are.
//
//   nb::InProcess world;
//   auto server = world.serve(std::make_shared<Calc>()).value();
//   calc::CalcClient client(world.client(), server.name());
//   auto sum = client.Add(world.context(), 1, 2).get();
//
// Servers act as "test", the client as "test:client", whom servers of the default rule accept; stranger() is somebody
// whom they do not.
//
// With a clock that is moved by hand no deadline passes, nothing is tried again and no connection is given up before
// the test says so:
//
//   auto clock = std::make_shared<nb::HandClock>();
//   nb::InProcess world(clock);
//   auto waiting = client.Wait(world.context(10s));
//   clock->advance(11s);                                   // now it is verror.Timeout
//
// Functions are safe from any thread. Destruction ends everything at once; servers that are still held stop.
// With a clock moved by hand a server's grace passes only when the test moves it: end its calls before its server goes,
// or serve with ServerOptions().grace(std::chrono::seconds(0)).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/log.h>
#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

namespace nb {

class InProcess {
 public:
  // `log`: where its runtimes write; null: nowhere.
  explicit InProcess(std::shared_ptr<Clock> clock = system_clock(), std::shared_ptr<LogSink> log = nullptr);
  InProcess(const InProcess&) = delete;
  InProcess& operator=(const InProcess&) = delete;
  ~InProcess();

  // Each server has a place of its own on the network. What `options` say counts; without listen() they are completed.
  Result<Server> serve(std::shared_ptr<Service> object, ServerOptions options = ServerOptions());
  Result<Server> serve(std::shared_ptr<Dispatcher> dispatcher, ServerOptions options = ServerOptions());

  const Runtime& client() const { return *client_; }
  const Runtime& server() const { return *server_; }
  // Of the client, for a call; 0: without a deadline.
  Context context(std::chrono::nanoseconds timeout = std::chrono::seconds(30)) const;
  // Another client, named `name` by itself alone: servers of the default rule refuse it. Lives as long as this.
  const Runtime& stranger(const std::string& name);
  // For one more runtime on the same network, with the same clock; further options may be set.
  RuntimeOptions options(std::shared_ptr<const Principal> principal) const;

 private:
  std::string next_place();

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<LogSink> log_;
  const LocalNetwork network_ = LocalNetwork::make();
  std::optional<Runtime> server_;
  std::optional<Runtime> client_;
  std::mutex mutex_;  // guards the rest
  std::vector<std::unique_ptr<Runtime>> strangers_;
  int places_ = 0;
};

}  // namespace nb

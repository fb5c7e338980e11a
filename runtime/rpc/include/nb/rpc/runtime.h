// Runtime: the threads, the connections and the clock behind clients and servers. Make one in main and hand it down;
// two in one process do not know of each other.
//
//   auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(2)).value();
//   auto ctx = runtime.context().with_timeout(5s);
//
// Clients, calls, contexts and servers may outlive it: after shutdown they answer with verror.BadState.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <nb/base/clock.h>
#include <nb/base/context.h>
#include <nb/base/log.h>
#include <nb/base/result.h>
#include <nb/rpc/executor.h>

namespace nb {

class Dispatcher;
class Server;
class ServerOptions;
class Service;

namespace rpc {
class LocalNetworkCore;
class LoopMaker;
class RuntimeCore;
}  // namespace rpc

// A network inside this process, under the protocol name "local". Runtimes that share one can reach each other.
class LocalNetwork {
 public:
  static LocalNetwork make();
  const std::shared_ptr<rpc::LocalNetworkCore>& core() const { return core_; }

 private:
  explicit LocalNetwork(std::shared_ptr<rpc::LocalNetworkCore> core) : core_(std::move(core)) {}
  std::shared_ptr<rpc::LocalNetworkCore> core_;  // shared by the runtimes on it
};

class RuntimeOptions {
 public:
  RuntimeOptions();

  // Threads of its own; 0, the default, means one per core. See <nb/asio.h> for running on an executor instead.
  RuntimeOptions& threads(std::size_t count);
  RuntimeOptions& log(std::shared_ptr<LogSink> sink);
  RuntimeOptions& clock(std::shared_ptr<Clock> clock);
  // Fills with unpredictable bytes; tests hand in predictable ones.
  RuntimeOptions& random(std::function<void(std::span<std::uint8_t>)> source);
  // How long destruction waits for calls that are running.
  RuntimeOptions& grace(std::chrono::nanoseconds grace);
  RuntimeOptions& local_network(LocalNetwork network);

  // Connections without authentication, without encryption, without any identity: whoever reaches the port is served,
  // and whoever sits on the way reads and changes what is said. For trying out on one machine only: it listens on and
  // dials loopback addresses and "local", and warns each time. Without it this version, which cannot authenticate yet,
  // neither listens nor dials.
  RuntimeOptions& insecure_plaintext_without_authentication();

  // Everything above, as it was set; for the runtime.
  struct Data;
  const Data& data() const { return *data_; }
  // The runtime's loops come from `maker`; for <nb/asio.h>.
  RuntimeOptions& loops(std::shared_ptr<rpc::LoopMaker> maker);

 private:
  Data& changed();
  std::shared_ptr<Data> data_;  // shared by copies until one of them is changed
};

class [[nodiscard]] Runtime {
 public:
  static Result<Runtime> make(const RuntimeOptions& options = RuntimeOptions());

  Runtime(Runtime&&) noexcept = default;
  Runtime& operator=(Runtime&& other) noexcept;
  ~Runtime();  // shutdown, with the grace of the options

  // The context that others are made from; ends when the runtime shuts down.
  Context context() const;
  // Any of the runtime's threads.
  Executor executor() const;

  // One object, at the server's own name.
  Result<Server> serve(std::shared_ptr<Service> object, const ServerOptions& options) const;
  Result<Server> serve(std::shared_ptr<Dispatcher> dispatcher, const ServerOptions& options) const;

  // Stops the servers (their running calls get `grace`), ends all calls and connections, then the threads. Blocks; on
  // one of the runtime's own threads it is an error, and nothing happens. Again: nothing happens.
  Result<void> shutdown(std::chrono::nanoseconds grace);

  const std::shared_ptr<rpc::RuntimeCore>& core() const { return core_; }

 private:
  explicit Runtime(std::shared_ptr<rpc::RuntimeCore> core);
  std::shared_ptr<rpc::RuntimeCore> core_;  // shared with clients, which find it shut down
};

}  // namespace nb

// ServerCore: one server: where it listens, what it serves, and the calls that run on it. Safe from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include <nb/base/context.h>
#include <nb/rpc/server.h>

#include "conn/manager.h"
#include "rpc/handler_pool.h"
#include "rpc/load_count.h"
#include "rpc/own_connections.h"
#include "rpc/publisher.h"
#include "rpc/runtime_core.h"
#include "rpc/server_extras.h"
#include "rpc/server_security.h"

namespace nb::rpc {

class ServerMachine;

class ServerCore final : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(const std::shared_ptr<RuntimeCore>& runtime, std::shared_ptr<Dispatcher> dispatcher,
             const ServerOptions& options, ServerExtras extras = {});
  ~ServerCore();
  Result<void> start(conn::ManagerOptions options);

  const std::shared_ptr<conn::EventLoop>& loop() const { return loop_; }
  const Executor& home() const { return home_; }
  const Context& context() const { return scope_.context; }
  Dispatcher& dispatcher() const { return *dispatcher_; }
  // For names that begin with "__"; null: there are none.
  Dispatcher* reserved_dispatcher() const { return options_.reserved_names().get(); }
  const ServerAuthority& authority() const { return authority_; }
  // Answers the methods that begin with "__".
  const std::shared_ptr<Service>& reserved_methods() const { return reserved_methods_; }
  // Where methods run; nowhere: on the connection's executor.
  const Executor& handlers() const { return handlers_; }
  std::vector<std::string> endpoints() const;
  // Calls back after each change of endpoints(), on any thread, until the token is dropped or the server has stopped.
  std::shared_ptr<void> on_endpoints_changed(std::function<void()> callback);
  const std::shared_ptr<conn::Manager>& manager() const { return manager_; }  // null before start()
  LogSink& log() const { return *log_; }
  const std::vector<ServerInterceptorMaker>& interceptors() const { return *interceptors_; }
  // The first name that it is published under, "+" if there are more.
  std::string name_for_traces() const;
  void network_changed() { manager_->refresh_addresses(); }
  std::chrono::nanoseconds grace() const { return options_.grace(); }
  Result<void> add_name(const std::string& name);
  void remove_name(const std::string& name);
  ServerStatus status();

  ServerLoad& load() { return load_; }
  const ServerOptions& options() const { return options_; }

  // Owns the call until it is removed.
  void add(std::shared_ptr<ServerMachine> call);
  void remove(const std::shared_ptr<ServerMachine>& call);

  // A method held its connection up for so long; said once for each method.
  void report_slow(const std::string& method, std::chrono::nanoseconds held);

  // Names the methods that run on although their calls were cancelled a while ago, each once. For those who wait for
  // the server to stop, as often as they like.
  void report_stubborn();

  // See Server::stop. `done` is called on some thread.
  void stop(std::chrono::nanoseconds grace, std::function<void()> done);
  void stop_and_wait(std::chrono::nanoseconds grace);
  // Once the loops have stopped: nobody waits any more for what they would have done, and methods that never ended are
  // let go.
  void give_up();

 private:
  enum class Phase { kServing, kDraining, kClosing, kStopped };

  void update_endpoints();
  void listen_again();
  void listening_stopped();
  void unpublished();
  bool may_close() const { return quiet_ && is_unpublished_ && calls_.empty(); }  // with the lock
  void drained();
  void closed();
  void leave_runtime();

  const std::weak_ptr<RuntimeCore> runtime_;     // the runtime owns its servers
  const std::shared_ptr<conn::EventLoop> loop_;  // shared with the runtime
  const std::shared_ptr<LogSink> log_;           // shared with the program
  // Shared with the runtime.
  const std::shared_ptr<const std::vector<ServerInterceptorMaker>> interceptors_;
  const Executor home_;
  const std::shared_ptr<Dispatcher> dispatcher_;  // shared with the program
  const ServerOptions options_;
  const ServerExtras extras_;
  const ServerAuthority authority_;
  const std::shared_ptr<OwnConnections> connections_;  // shared with contexts
  const std::shared_ptr<Service> reserved_methods_;    // shared with calls of its methods
  const WithCancel scope_;
  std::shared_ptr<HandlerPool> pool_;  // shared with handlers_
  Executor handlers_;
  std::shared_ptr<conn::Manager> manager_;  // shared with what it calls back
  std::shared_ptr<void> endpoints_watch_;
  const std::shared_ptr<Publisher> publisher_;  // shared with its work

  ServerLoad load_;
  std::mutex update_mutex_;   // of two updates the later one counts; taken before the other
  mutable std::mutex mutex_;  // guards the rest
  std::vector<std::string> endpoints_;
  std::vector<std::string> names_;  // in the order in which they were added
  TimerId listen_timer_ = TimerId::kNone;
  Phase phase_ = Phase::kServing;
  std::unordered_set<std::shared_ptr<ServerMachine>> calls_;
  TimerId grace_timer_ = TimerId::kNone;
  Clock::Steady until_{};  // the end of the grace
  bool quiet_ = false;     // no peer will send another request
  bool is_unpublished_ = false;
  std::vector<std::function<void()>> on_stopped_;
  std::set<std::string> slow_methods_;
  Clock::Steady cancelled_at_{};  // in kClosing and kStopped
  std::set<std::string, std::less<>> stubborn_methods_;
};

}  // namespace nb::rpc

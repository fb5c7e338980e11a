// RuntimeCore: what a Runtime owns: the loops, the connections it dials, its servers, and the root of its contexts.
// Handles of clients share it; after shut_down() it is a shell that refuses. Safe from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include <nb/base/context.h>
#include <nb/rpc/executor.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

#include "conn/event_loop.h"
#include "conn/manager.h"
#include "rpc/known_names.h"
#include "rpc/options.h"
#include "rpc/running_calls.h"

namespace nb::rpc {

class RuntimeCore final : public std::enable_shared_from_this<RuntimeCore> {
 public:
  explicit RuntimeCore(const RuntimeOptions::Data& options);
  ~RuntimeCore();

  const RuntimeOptions::Data& options() const { return options_; }
  const std::shared_ptr<conn::EventLoop>& loop() const { return loop_; }
  const Executor& home() const { return home_; }
  const Context& context() const { return root_.context; }
  Clock::Steady now() const { return loop_->clock()->now(); }
  RunningCalls& running_calls() { return running_calls_; }
  KnownNames& known_names() { return known_names_; }

  // Makes calls; the error says why this runtime cannot.
  Result<std::shared_ptr<conn::Manager>> client_manager();

  Result<Server> serve(std::shared_ptr<Dispatcher> dispatcher, const ServerOptions& options);
  void forget(const ServerCore* server);  // it has stopped

  // See Runtime::shutdown.
  Result<void> shut_down(std::chrono::nanoseconds grace);
  // The same where nobody may wait: what runs is cut off.
  void abandon();

 private:
  enum class Phase { kUp, kStopping, kDown };

  // The options of a manager of this runtime; refused when there is no way to secure its connections.
  Result<conn::ManagerOptions> manager_options() const;
  bool enter(Phase phase);  // false: it was there before
  Result<void> give_up();   // when shutting down takes for ever
  void cut_off();

  const RuntimeOptions::Data options_;
  const std::shared_ptr<conn::EventLoop> loop_;  // shared with managers and contexts
  const Executor home_;
  const WithCancel root_;
  RunningCalls running_calls_;
  KnownNames known_names_;

  std::mutex mutex_;  // guards the rest
  Phase phase_ = Phase::kUp;
  std::shared_ptr<conn::Manager> client_manager_;  // shared with dials under way; made at the first call
  std::vector<std::shared_ptr<ServerCore>> servers_;
};

}  // namespace nb::rpc

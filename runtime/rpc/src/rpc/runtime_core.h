// RuntimeCore: what a Runtime owns: the loops, the connections it dials, its servers, and the root of its contexts.
// Handles of clients share it; after shut_down() it is a shell that refuses. Safe from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <nb/base/context.h>
#include <nb/rpc/executor.h>
#include <nb/rpc/interceptor.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/security/discharge_fetcher.h>

#include "conn/event_loop.h"
#include "conn/manager.h"
#include "rpc/known_names.h"
#include "rpc/options.h"
#include "rpc/own_principal.h"
#include "rpc/resolver.h"
#include "rpc/running_calls.h"
#include "rpc/server_extras.h"
#include "rpc/server_order.h"

namespace nb::rpc {

class ConnectionCount;

class RuntimeCore final : public std::enable_shared_from_this<RuntimeCore> {
 public:
  RuntimeCore(const RuntimeOptions::Data& options, OwnPrincipal principal);
  ~RuntimeCore();

  const RuntimeOptions::Data& options() const { return options_; }
  const std::shared_ptr<conn::EventLoop>& loop() const { return loop_; }
  const Executor& home() const { return home_; }
  const Context& context() const { return root_.context; }
  const std::shared_ptr<const Principal>& principal() const { return own_.principal; }
  // Nobody else believes its name; then kHowToGetCredentials helps.
  bool has_made_up_principal() const { return own_.is_made_up; }
  // For tests on the network inside this process; RuntimeOptions::unauthenticated().
  bool is_unauthenticated() const { return options_.is_unauthenticated; }
  // What it shows to those for whom it has no name.
  const Blessings& nameless() const { return nameless_; }
  const std::shared_ptr<const CaveatValidators>& validators() const { return options_.validators; }
  const std::shared_ptr<ChainCache>& chain_cache() const { return chain_cache_; }
  const DischargeFetcher& discharge_fetcher();
  // Of what its servers show to everybody.
  void prepare_own_discharges(const Blessings& blessings, std::function<void(PreparedDischarges)> done);
  Time wall_now() const;
  Clock::Steady now() const { return loop_->clock()->now(); }
  const std::shared_ptr<TraceStore>& traces() const { return options_.traces; }
  const std::vector<ClientInterceptorMaker>& client_interceptors() const { return client_interceptors_; }
  const std::shared_ptr<const std::vector<ServerInterceptorMaker>>& server_interceptors() const {
    return server_interceptors_;
  }
  RunningCalls& running_calls() { return running_calls_; }
  KnownNames& known_names() { return known_names_; }
  Resolver& resolver() { return resolver_; }
  // Of this machine, as they were when the runtime was made.
  const std::vector<IpNetwork>& local_networks() const { return local_networks_; }

  // Whose connections calls with this context go over (own_connections.h); the error says why there are none.
  Result<std::shared_ptr<conn::Manager>> manager_for(const Context& context);

  Result<Server> serve(std::shared_ptr<Dispatcher> dispatcher, const ServerOptions& options, ServerExtras extras = {});
  void forget(const ServerCore* server);  // it has stopped
  // If anything is counted, connections are, too, from now on until it is shut down.
  void count_connections();

  // See Runtime::shutdown.
  Result<void> shut_down(std::chrono::nanoseconds grace);
  // The same where nobody may wait: what runs is cut off.
  void abandon();

 private:
  enum class Phase { kUp, kStopping, kDown };

  Result<std::shared_ptr<conn::Manager>> client_manager();
  conn::ManagerOptions manager_options() const;
  bool enter(Phase phase);  // false: it was there before
  Result<void> give_up();   // when shutting down takes for ever
  void cut_off();
  std::size_t connections() const;
  void stop_counting();

  const RuntimeOptions::Data options_;
  const OwnPrincipal own_;
  const Blessings nameless_;
  const std::shared_ptr<ChainCache> chain_cache_ = std::make_shared<ChainCache>();  // shared by all connections
  const std::shared_ptr<conn::EventLoop> loop_;                                     // shared with managers and contexts
  const Executor home_;
  const WithCancel root_;
  const std::vector<ClientInterceptorMaker> client_interceptors_;
  const std::shared_ptr<const std::vector<ServerInterceptorMaker>> server_interceptors_;  // shared with servers
  RunningCalls running_calls_;
  KnownNames known_names_;
  Resolver resolver_;
  const std::vector<IpNetwork> local_networks_;

  mutable std::mutex mutex_;  // guards the rest
  Phase phase_ = Phase::kUp;
  std::optional<DischargeFetcher> discharge_fetcher_;  // made at the first use
  std::shared_ptr<conn::Manager> client_manager_;      // shared with dials under way; made at the first call
  std::vector<std::shared_ptr<ServerCore>> servers_;
  std::unique_ptr<ConnectionCount> connection_count_;
};

}  // namespace nb::rpc

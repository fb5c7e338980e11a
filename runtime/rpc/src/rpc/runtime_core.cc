#include "rpc/runtime_core.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>

#include <nb/base/verror.h>
#include <nb/observe/span.h>

#include "rpc/call_metrics.h"
#include "rpc/discharge_calls.h"
#include "rpc/errors.h"
#include "rpc/guarded.h"
#include "rpc/own_connections.h"
#include "rpc/running_call.h"
#include "rpc/server_core.h"
#include "rpc/tracing.h"

namespace nb::rpc {

namespace {

// How long what needs no time may take when the runtime shuts down.
constexpr std::chrono::seconds kLastPatience(10);
constexpr std::chrono::milliseconds kLookAgain(100);
// How long dischargers have to answer before a server shows its names without.
constexpr std::chrono::seconds kDischargePatience(30);

// The loops of the runtime as a place for callbacks. When they have stopped, whoever brings news runs the callback.
class Home final : public Executor::Place {
 public:
  explicit Home(std::shared_ptr<conn::EventLoop> loop) : loop_(std::move(loop)) {}
  void post(std::function<void()> task) override {
    if (!loop_->post(task)) run_guarded(task, "a runtime that has stopped");
  }
  bool is_current() const override { return loop_->is_loop_thread(); }

 private:
  const std::shared_ptr<conn::EventLoop> loop_;  // shared with the runtime
};

std::vector<IpNetwork> networks_of(const RuntimeOptions::Data& options) {
  const auto& given = options.local_network;
  return given != nullptr && given->networks_of_machine ? given->networks_of_machine() : local_ip_networks();
}

std::shared_ptr<conn::EventLoop> make_loop(const RuntimeOptions::Data& options) {
  if (options.loops != nullptr) return options.loops->make(options.clock);
  return conn::EventLoop::make(options.threads, options.clock);
}

// Tracing is the outermost of them: its span is there for the others, and lasts as long as they take.
std::vector<ClientInterceptorMaker> all_client_interceptors(const RuntimeOptions::Data& options) {
  std::vector<ClientInterceptorMaker> makers{client_tracing(options.traces)};
  if (options.metrics != nullptr) makers.push_back(client_metrics(options.metrics, options.clock));
  makers.insert(makers.end(), options.client_interceptors.begin(), options.client_interceptors.end());
  return makers;
}

std::vector<ServerInterceptorMaker> all_server_interceptors(const RuntimeOptions::Data& options) {
  std::vector<ServerInterceptorMaker> makers{server_tracing(options.traces)};
  if (options.metrics != nullptr) makers.push_back(server_metrics(options.metrics, options.clock));
  makers.insert(makers.end(), options.server_interceptors.begin(), options.server_interceptors.end());
  return makers;
}

// Counts down to the moment when everything asked to stop has stopped.
class Countdown {
 public:
  explicit Countdown(std::size_t count) : count_(count) {}
  void one_less() {
    const std::lock_guard lock(mutex_);
    --count_;
    changed_.notify_all();
  }
  // False: it took longer than `limit`. Calls `meanwhile` now and then.
  bool wait(std::chrono::nanoseconds limit, const std::function<void()>& meanwhile) {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kLookAgain, [this] { return count_ == 0; })) {
      if (std::chrono::steady_clock::now() >= until) return false;
      lock.unlock();
      meanwhile();
      lock.lock();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_;
};

}  // namespace

RuntimeCore::RuntimeCore(const RuntimeOptions::Data& options, OwnPrincipal principal)
    : options_(options),
      own_(std::move(principal)),
      nameless_(Blessings::nameless(own_.principal->public_key())),
      loop_(make_loop(options_)),
      home_(std::make_shared<Home>(loop_)),
      root_(with_trace_store(Context::root(loop_), options_.traces).with_cancel()),
      client_interceptors_(all_client_interceptors(options_)),
      server_interceptors_(
          std::make_shared<const std::vector<ServerInterceptorMaker>>(all_server_interceptors(options_))),
      resolver_(options_.namespace_roots.value_or(std::vector<std::string>())),
      local_networks_(networks_of(options_)) {
  if (!Resolver::environment_wants_cache()) resolver_.cache().enable(false);
}

RuntimeCore::~RuntimeCore() { abandon(); }

const DischargeFetcher& RuntimeCore::discharge_fetcher() {
  const std::lock_guard lock(mutex_);
  if (!discharge_fetcher_)
    discharge_fetcher_.emplace(std::make_shared<DischargeCalls>(weak_from_this()), loop_->clock());
  return *discharge_fetcher_;
}

void RuntimeCore::prepare_own_discharges(const Blessings& blessings, std::function<void(PreparedDischarges)> done) {
  const auto& principal = own_.principal;
  discharge_fetcher().prepare(context().with_timeout(kDischargePatience), blessings,
                              std::shared_ptr<BlessingStore>(principal, &principal->store()), DischargePurpose(),
                              std::move(done));
}

Time RuntimeCore::wall_now() const {
  return Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(loop_->clock()->wall_now()));
}

conn::ManagerOptions RuntimeCore::manager_options() const {
  conn::ManagerOptions options(loop_, own_.principal);
  options.validators = options_.validators;
  options.chain_cache = chain_cache_;
  options.log = options_.log;
  options.versions = options_.versions;
  if (options_.channel_timeout.count() > 0) options.channel_timeout = options_.channel_timeout;
  if (options_.idle_expiry) options.idle_expiry = *options_.idle_expiry;
  options.address_chooser = options_.address_chooser;
  // Whoever acts as nobody is kept inside this process.
  options.goes_through_proxies = !is_unauthenticated();
  options.protocols = is_unauthenticated() ? transport::Protocols() : transport::Protocols::standard(options_.random);
  if (options_.local_network != nullptr) {
    options.protocols.add("local", transport::Protocols::Entry{options_.local_network->network, "local"});
  }
  return options;
}

Result<std::shared_ptr<conn::Manager>> RuntimeCore::manager_for(const Context& context) {
  const OwnConnections* own = own_connections(context);
  if (own == nullptr) return client_manager();
  if (auto manager = own->manager.lock()) return manager;
  return wrap(verror::BadState, kCloseAlreadyCalled());
}

Result<std::shared_ptr<conn::Manager>> RuntimeCore::client_manager() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kDown) return wrap(verror::BadState, kCloseAlreadyCalled());
  if (client_manager_ == nullptr) {
    client_manager_ = conn::Manager::make(manager_options());
  }
  return client_manager_;
}

Result<Server> RuntimeCore::serve(std::shared_ptr<Dispatcher> dispatcher, const ServerOptions& options,
                                  ServerExtras extras) {
  auto manager_options = this->manager_options();
  // A server shows its names to everybody, with the discharges that they need.
  manager_options.prepare_discharges = [weak = weak_from_this()](const Blessings& blessings,
                                                                 std::function<void(PreparedDischarges)> done) {
    if (const auto self = weak.lock()) return self->prepare_own_discharges(blessings, std::move(done));
    done(PreparedDischarges());
  };
  manager_options.routing_id = naming::make_routing_id(options_.random);
  const auto server =
      std::make_shared<ServerCore>(shared_from_this(), std::move(dispatcher), options, std::move(extras));
  if (const auto started = server->start(std::move(manager_options)); !started) return started.error();
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::kUp) {
      servers_.push_back(server);
      return Server(server);
    }
  }
  // Shut down meanwhile.
  server->stop(std::chrono::nanoseconds(0), nullptr);
  return wrap(verror::BadState, kCloseAlreadyCalled());
}

void RuntimeCore::forget(const ServerCore* server) {
  std::shared_ptr<ServerCore> forgotten;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  for (auto it = servers_.begin(); it != servers_.end(); ++it) {
    if (it->get() != server) continue;
    forgotten = std::move(*it);
    servers_.erase(it);
    return;
  }
}

void RuntimeCore::count_connections() {
  if (options_.metrics == nullptr) return;
  auto count = std::make_unique<ConnectionCount>(options_.metrics, [weak = weak_from_this()]() -> std::size_t {
    const auto self = weak.lock();
    return self == nullptr ? 0 : self->connections();
  });
  const std::lock_guard lock(mutex_);
  connection_count_ = std::move(count);
}

std::size_t RuntimeCore::connections() const {
  std::vector<std::shared_ptr<conn::Manager>> managers;
  {
    const std::lock_guard lock(mutex_);
    managers.push_back(client_manager_);
    for (const auto& server : servers_) managers.push_back(server->manager());
  }
  std::size_t connections = 0;
  for (const auto& manager : managers) connections += manager == nullptr ? 0 : manager->status().connections;
  return connections;
}

// Not left to the destructor: that may run inside a reading, which this waits for.
void RuntimeCore::stop_counting() {
  std::unique_ptr<ConnectionCount> stopped;  // without the lock, which a reading wants
  {
    const std::lock_guard lock(mutex_);
    stopped.swap(connection_count_);
  }
}

bool RuntimeCore::enter(Phase phase) {
  const std::lock_guard lock(mutex_);
  if (phase_ >= phase) return false;
  phase_ = phase;
  return true;
}

Result<void> RuntimeCore::shut_down(std::chrono::nanoseconds grace) {
  if (loop_->is_loop_thread()) {
    return verror::BadState("shutdown() waits for the runtime's threads and cannot be called on one of them");
  }
  if (!enter(Phase::kStopping)) return {};
  std::vector<std::shared_ptr<ServerCore>> servers;
  {
    const std::lock_guard lock(mutex_);
    servers = servers_;
  }
  const auto servers_left = std::make_shared<Countdown>(servers.size());
  for (const auto& server : servers) server->stop(grace, [servers_left] { servers_left->one_less(); });
  // A program may have stopped running the executor that our loops are on; then nothing ever ends by itself.
  const std::chrono::nanoseconds limit =
      std::min<std::chrono::nanoseconds>(grace, std::chrono::hours(24)) + kLastPatience;
  const auto name_the_stubborn = [&servers] {
    for (const auto& server : servers) server->report_stubborn();
  };
  if (!servers_left->wait(limit, name_the_stubborn)) return give_up();

  // Until here methods of ours could still make calls.
  enter(Phase::kDown);
  root_.canceler.cancel();
  std::shared_ptr<conn::Manager> manager;
  {
    const std::lock_guard lock(mutex_);
    manager = client_manager_;
  }
  if (manager != nullptr) {
    const auto manager_left = std::make_shared<Countdown>(1);
    manager->close([manager_left] { manager_left->one_less(); });
    if (!manager_left->wait(limit, name_the_stubborn)) return give_up();
  }
  stop_counting();
  for (const auto& server : servers) server->stop_and_wait(std::chrono::nanoseconds(0));  // their pools
  loop_->stop();
  for (const auto& server : servers) server->give_up();
  return {};
}

Result<void> RuntimeCore::give_up() {
  options_.log->log(Severity::kError,
                    "the runtime's connections do not end; is the executor that it lives on still being run?");
  cut_off();
  return verror::Timeout("shutting down");
}

void RuntimeCore::abandon() {
  if (enter(Phase::kDown)) cut_off();
}

void RuntimeCore::cut_off() {
  enter(Phase::kDown);
  stop_counting();
  root_.canceler.cancel();
  std::vector<std::shared_ptr<ServerCore>> servers;
  std::shared_ptr<conn::Manager> manager;
  {
    const std::lock_guard lock(mutex_);
    servers.swap(servers_);
    manager.swap(client_manager_);
  }
  for (const auto& server : servers) server->stop(std::chrono::nanoseconds(0), nullptr);
  if (manager != nullptr) manager->close([] {});
  loop_->stop();
  for (const auto& server : servers) server->give_up();
  // Whatever was to end them lies in loops that nobody runs.
  const Error why = verror::BadState("the runtime was shut down while calls were under way");
  for (const auto& call : running_calls_.all()) call->give_up(why);
}

}  // namespace nb::rpc

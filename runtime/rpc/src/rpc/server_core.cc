#include "rpc/server_core.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "rpc/errors.h"
#include "rpc/flow_kinds.h"
#include "rpc/peer.h"
#include "rpc/reserved_methods.h"
#include "rpc/server_machine.h"
#include "rpc/server_proxies.h"

namespace nb::rpc {

namespace {

// Longer is as good as for ever, and now + it does not overflow.
constexpr std::chrono::hours kLongestGrace(24 * 365);
// How long a method may take to notice that its call was cancelled before it is named.
constexpr std::chrono::seconds kTimeToNotice(1);
// How often those who wait look for such methods, in case all loops are held up by them.
constexpr std::chrono::milliseconds kLookForMethods(100);
// After this long a listener that has died, or could not be made again, is tried anew (docs/spec/rpc.md 8.2).
constexpr std::chrono::seconds kListenAgain(1);

Result<void> check_name(const std::string& name) {
  if (name.empty()) return verror::BadArg("a server is not published under an empty name");
  return {};
}

// As object names; but nobody can dial those that only stand for the connections of their server.
std::vector<std::string> publishable(const std::vector<std::string>& endpoints) {
  std::vector<std::string> names;
  for (const std::string& endpoint : endpoints) {
    if (!endpoint.starts_with("@6@bidi@")) names.push_back("/" + endpoint);
  }
  return names;
}

}  // namespace

ServerCore::ServerCore(const std::shared_ptr<RuntimeCore>& runtime, std::shared_ptr<Dispatcher> dispatcher,
                       const ServerOptions& options, ServerExtras extras)
    : runtime_(runtime),
      loop_(runtime->loop()),
      log_(runtime->options().log),
      interceptors_(runtime->server_interceptors()),
      home_(runtime->home()),
      dispatcher_(std::move(dispatcher)),
      options_(options),
      extras_(std::move(extras)),
      authority_(*runtime, options),
      connections_(std::make_shared<OwnConnections>()),
      reserved_methods_(std::make_shared<ReservedMethods>(*this)),
      scope_(with_connections(runtime->context(), connections_).with_cancel()),
      handlers_(options.handlers().executor()),
      publisher_(std::make_shared<Publisher>(runtime, options.is_mount_table(), false)),
      names_(options.names()) {
  if (const std::size_t threads = options.handlers().pool_size(); threads > 0) {
    pool_ = std::make_shared<HandlerPool>(threads);
    handlers_ = Executor(pool_);
  }
}

ServerCore::~ServerCore() = default;

Result<void> ServerCore::start(conn::ManagerOptions options) {
  for (const std::string& name : options_.names()) {
    if (auto fine = check_name(name); !fine) return fine;
  }
  // It would let in whoever comes, from whichever network.
  if (!options.goes_through_proxies && !options_.proxies().empty()) {
    return verror::BadArg("a runtime that acts as nobody serves behind no proxy");
  }
  for (const auto& [name, authorizer] : options_.proxies()) {
    if (const auto endpoint = proxy_endpoint(name); !endpoint) return endpoint.error();
  }
  auto kinds = std::make_shared<FlowKinds>(loop_);
  // Weak: the manager's flows must not keep the server.
  kinds->add(kDataFlow, [weak = weak_from_this()](std::shared_ptr<conn::Flow> flow, BytesView rest) {
    const auto self = weak.lock();
    if (self == nullptr) return flow->close();
    auto call = std::make_shared<ServerMachine>(self, std::move(flow));
    self->add(call);
    call->start(rest);
  });
  kinds->add(kTypeFlow, [](std::shared_ptr<conn::Flow> flow, BytesView rest) {
    auto& connection = flow->connection();
    Peer::of(connection).accept(std::move(flow), rest);
  });
  if (extras_.add_kinds) extras_.add_kinds(*kinds, shared_from_this());
  options.acceptor = FlowKinds::acceptor(std::move(kinds));
  manager_ = conn::Manager::make(std::move(options));
  // Before it listens: a method that is called at once may make calls of its own.
  connections_->manager = manager_;
  for (const auto& [protocol, address] : options_.listen()) {
    auto endpoint = manager_->listen(protocol, address);
    if (!endpoint) {
      manager_->close([] {});
      return endpoint.error();
    }
  }
  endpoints_watch_ = manager_->on_endpoints_changed([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->update_endpoints();
  });
  listen_by_proxies(*manager_, options_, extras_.as);
  update_endpoints();
  for (const std::string& name : options_.names()) publisher_->add_name(name);
  return {};
}

// ---- where it is ----

std::vector<std::string> ServerCore::endpoints() const {
  const std::lock_guard lock(mutex_);
  return endpoints_;
}

std::shared_ptr<void> ServerCore::on_endpoints_changed(std::function<void()> callback) {
  return manager_->on_endpoints_changed(std::move(callback));
}

void ServerCore::update_endpoints() {
  const std::lock_guard one_after_the_other(update_mutex_);
  conn::ManagerStatus status = manager_->status();
  std::stable_partition(status.endpoints.begin(), status.endpoints.end(),
                        [](const naming::Endpoint& endpoint) { return !endpoint.address.starts_with('['); });
  std::vector<std::string> endpoints;
  for (naming::Endpoint& endpoint : status.endpoints) {
    // The one of a manager that listens nowhere carries none, but callers will insist on them.
    if (endpoint.blessing_names.empty()) endpoint.blessing_names = authority_.names();
    endpoint.serves_mount_table = options_.is_mount_table();
    endpoints.push_back(naming::to_string(endpoint));
  }
  publisher_->set_servers(publishable(endpoints));
  const bool has_lost_one = std::any_of(status.listen_errors.begin(), status.listen_errors.end(),
                                        [](const auto& each) { return static_cast<bool>(each.second); });
  const std::lock_guard lock(mutex_);
  // One that stops keeps the names by which it was known.
  if (phase_ != Phase::kServing) return;
  endpoints_ = std::move(endpoints);
  if (!has_lost_one || listen_timer_ != TimerId::kNone) return;
  listen_timer_ = loop_->call_at(loop_->clock()->now() + kListenAgain, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->listen_again();
  });
}

void ServerCore::listen_again() {
  {
    const std::lock_guard lock(mutex_);
    listen_timer_ = TimerId::kNone;
    if (phase_ != Phase::kServing) return;
  }
  for (const auto& [asked, error] : manager_->status().listen_errors) {
    if (error) (void)manager_->listen(asked.protocol, asked.address);
  }
}

// ---- names ----

Result<void> ServerCore::add_name(const std::string& name) {
  if (auto fine = check_name(name); !fine) return fine;
  publisher_->add_name(name);
  const std::lock_guard lock(mutex_);
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
  return {};
}

void ServerCore::remove_name(const std::string& name) {
  publisher_->remove_name(name);
  const std::lock_guard lock(mutex_);
  std::erase(names_, name);
}

std::string ServerCore::name_for_traces() const {
  const std::lock_guard lock(mutex_);
  if (names_.empty()) return {};
  return names_.size() == 1 ? names_.front() : names_.front() + "+";
}

ServerStatus ServerCore::status() {
  ServerStatus status;
  status.serves_mount_table = options_.is_mount_table();
  status.endpoints = endpoints();
  status.published = publisher_->status();
  const std::lock_guard lock(mutex_);
  status.state = phase_ == Phase::kServing   ? ServerState::kReady
                 : phase_ == Phase::kStopped ? ServerState::kStopped
                                             : ServerState::kStopping;
  return status;
}

void ServerCore::unpublished() {
  {
    const std::lock_guard lock(mutex_);
    is_unpublished_ = true;
    if (phase_ != Phase::kDraining || !may_close()) return;
  }
  drained();
}

// ---- calls ----

void ServerCore::add(std::shared_ptr<ServerMachine> call) {
  const std::lock_guard lock(mutex_);
  calls_.insert(std::move(call));
}

void ServerCore::remove(const std::shared_ptr<ServerMachine>& call) {
  bool was_last_to_end = false;
  {
    const std::lock_guard lock(mutex_);
    calls_.erase(call);
    if (!calls_.empty()) return;
    if (phase_ == Phase::kStopped) {
      was_last_to_end = true;
    } else if (phase_ != Phase::kDraining || !may_close()) {
      return;
    }
  }
  if (was_last_to_end) return leave_runtime();
  drained();
}

void ServerCore::leave_runtime() {
  if (const auto runtime = runtime_.lock()) runtime->forget(this);
}

void ServerCore::report_slow(const std::string& method, std::chrono::nanoseconds held) {
  {
    const std::lock_guard lock(mutex_);
    if (!slow_methods_.insert(method).second) return;
  }
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(held).count();
  log_->log(Severity::kWarning, "method " + method + " held up its connection for " + std::to_string(ms) +
                                    " ms; a method that blocks or computes for long belongs on threads of its own: "
                                    "ServerOptions().handlers(nb::pool(n)) (said once for each method)");
}

void ServerCore::report_stubborn() {
  const auto now = loop_->clock()->now();
  std::vector<std::string> found;
  {
    const std::lock_guard lock(mutex_);
    const bool was_cancelled = phase_ == Phase::kClosing || phase_ == Phase::kStopped;
    if (!was_cancelled || now < cancelled_at_ + kTimeToNotice) return;
    for (const auto& call : calls_) {
      const std::string_view method = call->running_method();
      if (method.empty() || stubborn_methods_.contains(method)) continue;
      stubborn_methods_.emplace(method);
      found.emplace_back(method);
    }
  }
  for (const std::string& method : found) {
    log_->log(Severity::kWarning,
              "the server stops, and method " + method +
                  " runs on although its call was cancelled; a method that takes long looks at ServerCall::cancelled() "
                  "now and then, and hands ServerCall::context() to whatever it waits for (said once for each method)");
  }
}

void ServerCore::stop(std::chrono::nanoseconds grace, std::function<void()> done) {
  const auto now = loop_->clock()->now();
  const auto until = now + std::chrono::duration_cast<Clock::Steady::duration>(
                               std::clamp(grace, std::chrono::nanoseconds(0), std::chrono::nanoseconds(kLongestGrace)));
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::kStopped) {
      if (done) on_stopped_.push_back(std::exchange(done, nullptr));
      if (phase_ == Phase::kClosing) return;
      is_first = phase_ == Phase::kServing;
      // Asked again, the shorter grace counts.
      if (!is_first && until >= until_) return;
      phase_ = Phase::kDraining;
      until_ = until;
    }
  }
  if (done) return done();
  if (is_first) {
    publisher_->stop([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->unpublished();
    });
    // Requests that are under way arrive before the peers' answers to the lame duck do.
    manager_->stop_listening([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->listening_stopped();
    });
  }
  if (until <= now) return drained();
  const TimerId timer = loop_->call_at(until, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->drained();
  });
  TimerId replaced = timer;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::kDraining) replaced = std::exchange(grace_timer_, timer);
  }
  loop_->forget(replaced);
}

void ServerCore::listening_stopped() {
  {
    const std::lock_guard lock(mutex_);
    quiet_ = true;
    if (phase_ != Phase::kDraining || !may_close()) return;
  }
  drained();
}

void ServerCore::drained() {
  const auto now = loop_->clock()->now();
  TimerId timer = TimerId::kNone;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::kDraining) return;
    phase_ = Phase::kClosing;
    cancelled_at_ = now;
    timer = std::exchange(grace_timer_, TimerId::kNone);
  }
  loop_->forget(timer);
  scope_.canceler.cancel();
  loop_->call_at(now + kTimeToNotice, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->report_stubborn();
  });
  manager_->close([self = shared_from_this()] { self->closed(); });
}

void ServerCore::closed() {
  std::vector<std::function<void()>> told;
  bool calls_are_left = false;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::kStopped) return;
    phase_ = Phase::kStopped;
    told.swap(on_stopped_);
    calls_are_left = !calls_.empty();
  }
  for (const auto& done : told) done();
  // Methods that run on keep it in the runtime's list, so that its shutdown finds them; see remove().
  if (!calls_are_left) leave_runtime();
}

void ServerCore::stop_and_wait(std::chrono::nanoseconds grace) {
  // A thread that the calls need cannot wait for them.
  if (loop_->is_loop_thread() || (pool_ != nullptr && pool_->is_current())) return stop(grace, nullptr);
  struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    bool stopped = false;
  };
  const auto waiting = std::make_shared<Waiting>();
  stop(grace, [waiting] {
    const std::lock_guard lock(waiting->mutex);
    waiting->stopped = true;
    waiting->changed.notify_all();
  });
  {
    std::unique_lock lock(waiting->mutex);
    while (!waiting->changed.wait_for(lock, kLookForMethods, [&] { return waiting->stopped; })) {
      lock.unlock();
      report_stubborn();
      lock.lock();
    }
  }
  if (pool_ != nullptr) pool_->stop();
}

void ServerCore::give_up() {
  closed();
  std::unordered_set<std::shared_ptr<ServerMachine>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(calls_);
}

}  // namespace nb::rpc

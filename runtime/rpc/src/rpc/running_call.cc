#include "rpc/running_call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nb/base/verror.h>
#include <nb/vdl/error_def.h>

#include "naming/endpoint.h"
#include "rpc/backoff.h"
#include "rpc/errors.h"
#include "rpc/errors_2015.h"
#include "rpc/peer.h"
#include "rpc/server_authority.h"
#include "rpc/shown_to_server.h"

namespace nb::rpc {

namespace {

void end_with(DoneState& done, const Error& error) { done.complete(error); }
void end_with(ItemTarget& item, const Error& error) { item.complete(ItemTarget::Outcome::kError, error); }
void end_with(ResultTarget& result, const Error& error) { result.complete(error); }
void end_with(CalledServerState& told, const Error& error) { told.complete(error); }

// The program's handle of a call with streams: the call notices when it goes.
class StreamHandle final : public ClientCall {
 public:
  explicit StreamHandle(std::shared_ptr<RunningCall> call) : call_(std::move(call)) {}
  ~StreamHandle() override { call_->let_go(); }

  void send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) override {
    call_->send(std::move(item), std::move(done));
  }
  void recv(std::shared_ptr<ItemTarget> target) override { call_->recv(std::move(target)); }
  void close_send(std::shared_ptr<DoneState> done) override { call_->close_send(std::move(done)); }
  void finish(std::shared_ptr<ResultTarget> target) override { call_->finish(std::move(target)); }
  void cancel() override { call_->cancel(); }
  void server(std::shared_ptr<CalledServerState> told) override { call_->server(std::move(told)); }

 private:
  const std::shared_ptr<RunningCall> call_;  // shared with itself while it runs
};

}  // namespace

RunningCall::RunningCall(std::shared_ptr<RuntimeCore> runtime, CallSpec spec, std::shared_ptr<ResultTarget> unary)
    : runtime_(std::move(runtime)), spec_(std::move(spec)), unary_(std::move(unary)) {}

void RunningCall::start() {
  self_ = shared_from_this();
  runtime_->running_calls().add(*this);
  if (!spec_.context.is_initialized()) {
    return fail(verror::BadArg()
                    .with_message("<rpc.Client>:StartCall: bad argument: context not initialized")
                    .with_params(std::make_shared<ErrorParamList>(
                        std::vector<Any>{Any(std::string("<rpc.Client>")), Any(std::string("StartCall"))})));
  }
  if (const auto fine = check_options(spec_.options); !fine) return fail(fine.error());

  answered_by_ = take_answered_by(spec_.context);  // no interceptor's calls are to find it
  const ClientCallInfo info{spec_.context, spec_.name, spec_.method, unary_ == nullptr};
  hooks_ = ClientHooks::make(runtime_->client_interceptors(), info);
  if (hooks_ != nullptr) {
    if (const Error refused = hooks_->start(spec_.context)) return fail(refused);
  }
  auto [context, canceler] = spec_.context.with_cancel();
  spec_.context = std::move(context);
  canceler_ = std::move(canceler);
  retries_ = CallRetries(spec_.options, spec_.context.deadline(), runtime_->now());
  name_ = runtime_->known_names().find(spec_.name);
  server_name_ = spec_.name;
  is_resolved_ = is_to_be_resolved();
  auto authority = server_authority(spec_.options, name_->pattern);
  if (runtime_->is_unauthenticated()) authority = allow_everyone();
  if (!authority) return fail(authority.error());
  authority_ = *std::move(authority);

  auto registration = spec_.context.on_end([weak = weak_from_this()](const Error& why) {
    if (const auto self = weak.lock()) self->context_ended(why);
  });
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) on_context_end_ = std::move(registration);
  }
  attempt();
}

void RunningCall::attempt() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
  }
  if (is_resolved_) return resolve();
  if (name_->why_not) return attempt_failed(name_->why_not, false);
  if (!may_go_to(*name_)) return fail(kNoPrincipal());
  const auto manager = runtime_->manager_for(spec_.context);
  if (!manager) return fail(manager.error());

  if (hooks_ != nullptr) hooks_->connecting(server_name_);
  if (auto cached = (*manager)->dial_cached(name_->endpoint, spec_.context, dial_options())) {
    const auto& connection = *cached->connection;
    if (connection.in_executor()) return choose_blessings(*cached, true);
    const bool posted = cached->connection->post(
        [self = shared_from_this(), dialed = *cached] { self->choose_blessings(dialed, true); });
    if (!posted) fail(wrap(verror::BadState, kCloseAlreadyCalled()));
    return;
  } else if (is_cached_only()) {
    return attempt_failed(cached.error(), true);
  }
  dial();
}

conn::DialOptions RunningCall::dial_options() const {
  conn::DialOptions options;
  options.authorizer = authority_;
  options.deadline = retries_.dial_deadline();
  options.channel_timeout = std::chrono::duration_cast<flow::Duration>(spec_.options.channel_timeout());
  return options;
}

void RunningCall::dial() {
  const auto manager = runtime_->manager_for(spec_.context);
  if (!manager) return fail(manager.error());
  (*manager)->dial(name_->endpoint, spec_.context, dial_options(),
                   [self = shared_from_this()](const Result<conn::Dialed>& dialed) {
                     if (!dialed) return self->attempt_failed(dialed.error(), true);
                     self->choose_blessings(*dialed, false);
                   });
}

void RunningCall::choose_blessings(const conn::Dialed& dialed, bool is_cached) {
  if (hooks_ != nullptr) hooks_->connected(server_name_, Error());
  auto chosen = blessings_for(*runtime_, dialed.server, spec_.options);
  if (!chosen) return attempt_failed(chosen.error(), true);
  Blessings blessings = *std::move(chosen);
  const std::vector<Caveat> caveats = blessings.third_party_caveats();
  if (caveats.empty()) return open_flow(dialed, is_cached, flow::ShownBlessings(std::move(blessings)));

  auto purpose = purpose_of(caveats, dialed.server, spec_);
  if (!purpose) return attempt_failed(purpose.error(), true);
  const auto& principal = runtime_->principal();
  const Context context =
      spec_.options.fetches_discharges() ? spec_.context : without_fetching_discharges(spec_.context);
  runtime_->discharge_fetcher().prepare(
      context, blessings, std::shared_ptr<BlessingStore>(principal, &principal->store()), *std::move(purpose),
      [self = shared_from_this(), dialed, is_cached, blessings](PreparedDischarges ready) {
        auto go_on = [self, dialed, is_cached, shown = flow::ShownBlessings(blessings, std::move(ready.discharges))] {
          self->open_flow(dialed, is_cached, shown);
        };
        if (dialed.connection->in_executor()) return go_on();
        if (!dialed.connection->post(std::move(go_on))) self->fail(wrap(verror::BadState, kCloseAlreadyCalled()));
      });
}

void RunningCall::open_flow(const conn::Dialed& dialed, bool is_cached, flow::ShownBlessings shown) {
  {
    // It may have ended while discharges were fetched; nobody is to be asked for anything any more.
    const std::lock_guard lock(mutex_);
    if (ended_) return;
  }
  auto flow = dialed.open_flow(std::move(shown));
  if (flow) return begin(dialed, *std::move(flow));
  if (!is_cached || is_cached_only()) return attempt_failed(flow.error(), true);
  // It began to end after it was chosen. Nothing was sent, so this is no failure: the dial passes by it.
  dial();
}

void RunningCall::begin(const conn::Dialed& dialed, std::shared_ptr<conn::Flow> flow) {
  const auto& connection = dialed.connection;
  // The data flow first and then, for the first call, the type flow: the order of ids that peers know.
  auto types = Peer::of(*connection).dialed(*connection);
  if (!types) {
    flow->close();
    return attempt_failed(types.error(), true);
  }
  auto granted = granted_on(*runtime_, spec_, *flow, *name_);
  if (!granted) {
    flow->close();
    return attempt_failed(granted.error(), policy_of(spec_.options).strict_blessings);
  }
  // Without streams the call is over when its result is there; see complete().
  std::function<void()> on_ended;
  if (unary_ == nullptr) {
    on_ended = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->release();
    };
  }
  auto machine = std::make_shared<ClientMachine>(
      flow, std::move(*types), spec_.context, std::move(on_ended),
      spec_.options.policy() != nullptr ? spec_.options.policy()->failures : Era::kCurrent);
  if (flow->local_shown().has_discharges()) {
    machine->on_no_access([weak = weak_from_this(), shown = flow->local_shown()] {
      if (const auto self = weak.lock()) self->forget_discharges(shown);
    });
  }
  v23::rpc::Request request;
  if (hooks_ != nullptr) {
    OutgoingRequest outgoing{server_name_, name_->suffix, dialed.server.valid, request.TraceRequest};
    if (const Error refused = hooks_->request(outgoing)) {
      flow->close();
      return fail(refused);
    }
    machine->hooks(hooks_);
  }
  bool too_late = false;
  {
    const std::lock_guard lock(mutex_);
    too_late = ended_;
    if (!too_late) {
      connect_error_ = Error();
      connection_ = connection;
      machine_ = machine;
      is_working_ = true;
    }
  }
  if (too_late) return flow->close();  // it was never written: the peer hears nothing of it
  request.Suffix = name_->suffix;
  request.Method = spec_.method;
  request.NumPosArgs = spec_.arguments->refs().size();
  if (const auto left = spec_.context.time_left()) request.Deadline = Deadline::after(*left);
  request.GrantedBlessings = granted->is_zero() ? v23::security::WireBlessings() : granted->wire();
  request.Language = spec_.context.language();
  machine->start(request, *spec_.arguments, unary_ != nullptr);
  if (unary_ != nullptr) machine->finish(std::shared_ptr<ResultTarget>(shared_from_this()));
  tell_server(dialed, *flow);
  work_off_begun();
  // Between the creation of the machine and this line the context may have ended without anyone to tell.
  if (const Error why = spec_.context.error()) machine->end(why);
}

void RunningCall::forget_discharges(const flow::ShownBlessings& shown) {
  runtime_->principal()->store().clear_discharges(*shown.discharges);
}

CalledServer RunningCall::Called::told() const {
  CalledServer server;
  server.names = names;
  server.blessings = blessings;
  server.endpoint = ends->remote;
  server.suffix = name->suffix;
  return server;
}

void RunningCall::tell_server(const conn::Dialed& dialed, const conn::Flow& flow) {
  Called called(dialed.server, flow.remote_shown().blessings, Peer::of(*dialed.connection).names(*dialed.connection),
                name_);
  std::vector<std::shared_ptr<CalledServerState>> asking;
  {
    const std::lock_guard lock(mutex_);
    asking.swap(asking_for_server_);
    called_.emplace(std::move(called));
    if (asking.empty()) return;
    called = *called_;
  }
  for (const auto& told : asking) told->complete(called.told());
}

void RunningCall::server(std::shared_ptr<CalledServerState> told) {
  std::optional<Called> called;
  Error why;
  {
    const std::lock_guard lock(mutex_);
    called = called_;
    if (!called && !ended_) return asking_for_server_.push_back(std::move(told));
    why = failure_ ? failure_ : verror::Aborted("the call has ended");
  }
  if (called) {
    told->complete(called->told());
  } else {
    told->complete(why);
  }
}

void RunningCall::try_again_after(std::chrono::nanoseconds delay) {
  const auto when = runtime_->now() + std::chrono::duration_cast<Clock::Steady::duration>(delay);
  const TimerId timer = runtime_->loop()->call_at(when, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->attempt();
  });
  const std::lock_guard lock(mutex_);
  retry_timer_ = timer;
}

bool RunningCall::repeat_after(const Error& error) {
  const auto now = runtime_->now();
  if (!retries_.may_call_again(error.action(), now)) {
    if (hooks_ != nullptr && error.action() == RetryBackoff) hooks_->failed(error, RetryDecision::kCannot);
    return false;
  }
  const auto delay = retries_.call_delay(now, runtime_->options().random);
  if (hooks_ != nullptr) hooks_->failed(error, delay ? RetryDecision::kRetries : RetryDecision::kExhausted);
  if (!delay) return false;
  {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
    machine_ = nullptr;
    call_error_ = error;
  }
  try_again_after(*delay);
  // The machine that would have been told has just gone.
  if (const Error why = spec_.context.error()) context_ended(why);
  return true;
}

void RunningCall::complete(Error error) {
  if (error && repeat_after(error)) return;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    error = rather_than_timeout(error, call_error_);
  }
  if (hooks_ != nullptr) hooks_->end(error);
  unary_->complete(std::move(error));
  release();
}

void RunningCall::fail(const Error& error) {
  std::vector<Operation> operations;
  std::vector<std::shared_ptr<CalledServerState>> asking;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    failure_ = error;
    operations.swap(operations_);
    asking.swap(asking_for_server_);
  }
  if (hooks_ != nullptr) hooks_->end(error);
  if (unary_ != nullptr) unary_->complete(error);
  for (const auto& told : asking) end_with(*told, error);
  for (const Operation& operation : operations) operation(nullptr, error);
  release();
}

void RunningCall::give_up(const Error& error) {
  std::vector<Operation> dropped;
  std::vector<Awaited> awaited;
  std::vector<std::shared_ptr<CalledServerState>> asking;
  bool had_ended = false;
  {
    const std::lock_guard lock(mutex_);
    had_ended = std::exchange(ended_, true);
    if (!failure_) failure_ = error;
    dropped.swap(operations_);
    awaited.swap(awaited_);
    asking.swap(asking_for_server_);
  }
  if (hooks_ != nullptr) hooks_->end(error);
  for (const auto& told : asking) end_with(*told, error);
  if (unary_ != nullptr && !had_ended) unary_->complete(error);
  // The machine may still have them, even be at work on another thread; the first answer counts.
  for (const Awaited& each : awaited) {
    std::visit(
        [&error](const auto& weak) {
          if (const auto target = weak.lock()) end_with(*target, error);
        },
        each);
  }
  for (const Operation& operation : dropped) operation(nullptr, error);
  release();
}

void RunningCall::context_ended(const Error& why) {
  const std::string what = "calling " + spec_.method;
  Error error = verror::Canceled.matches(why) ? verror::Canceled(what) : verror::Timeout(what);
  bool has_machine = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    has_machine = machine_ != nullptr;
    if (!has_machine) error = instead_of(error);
  }
  if (hooks_ != nullptr) hooks_->context_ended(why);
  if (!has_machine) return fail(error);
  run([error](ClientMachine* running, const Error&) {
    if (running != nullptr) running->end(error);
  });
}

// mutex_ is held.
Error RunningCall::instead_of(const Error& latest) const {
  const Error error = rather_than_timeout(rather_than_timeout(latest, connect_error_), call_error_);
  const Error& before = connect_error_ ? connect_error_ : call_error_;
  return before && verror::Canceled.matches(error) ? with_printed_cause(error, "before", before) : error;
}

void RunningCall::let_go() {
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    is_awaited = machine_ != nullptr || !operations_.empty();
  }
  if (!is_awaited) return cancel();
  run([](ClientMachine* machine, const Error&) {
    if (machine != nullptr) machine->let_go();
  });
}

void RunningCall::release() {
  // Destroyed without the lock: dropping the registration waits for a callback that may want the lock.
  ContextRegistration registration;
  std::shared_ptr<RunningCall> self;
  TimerId timer = TimerId::kNone;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    registration = std::move(on_context_end_);
    timer = std::exchange(retry_timer_, TimerId::kNone);
    self = std::move(self_);
    awaited_.clear();
  }
  runtime_->running_calls().remove(*this);
  if (timer != TimerId::kNone) runtime_->loop()->forget(timer);
}

void RunningCall::run(Operation operation) {
  std::shared_ptr<conn::Connection> connection;
  Error failure;
  {
    const std::lock_guard lock(mutex_);
    failure = failure_;
    if (!failure) {
      // Behind all that were asked for before, also those that another thread has posted.
      operations_.push_back(std::move(operation));
      if (machine_ == nullptr || is_working_) return;
      connection = connection_;
      if (!connection->in_executor() && std::exchange(is_posted_, true)) return;
    }
  }
  if (failure) return operation(nullptr, failure);
  if (connection->in_executor()) return work_off();
  if (connection->post([self = shared_from_this()] { self->work_off(); })) return;
  give_up(wrap(verror::BadState, kCloseAlreadyCalled()));
}

void RunningCall::run(Operation operation, Awaited awaited) {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) {
      if (awaited_.size() >= awaited_to_tidy_) {
        std::erase_if(awaited_, [](const Awaited& each) {
          return std::visit([](const auto& weak) { return weak.expired(); }, each);
        });
        awaited_to_tidy_ = std::max<std::size_t>(32, 2 * awaited_.size());
      }
      awaited_.push_back(std::move(awaited));
    }
  }
  run(std::move(operation));
}

void RunningCall::work_off() {
  {
    const std::lock_guard lock(mutex_);
    is_posted_ = false;
    if (machine_ == nullptr || std::exchange(is_working_, true)) return;
  }
  work_off_begun();
}

void RunningCall::work_off_begun() {
  std::vector<Operation> batch;
  while (true) {
    std::shared_ptr<ClientMachine> machine;
    {
      const std::lock_guard lock(mutex_);
      batch.clear();
      batch.swap(operations_);
      machine = machine_;
      if (batch.empty()) {
        is_working_ = false;
        return;
      }
    }
    for (const Operation& operation : batch) operation(machine.get(), Error());
  }
}

void RunningCall::send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) {
  Awaited awaited = std::weak_ptr(done);
  run(
      [item = std::move(item), done = std::move(done)](ClientMachine* machine, const Error& error) {
        if (machine != nullptr) {
          machine->send(*item, done);
        } else {
          done->complete(error);
        }
      },
      std::move(awaited));
}

void RunningCall::close_send(std::shared_ptr<DoneState> done) {
  Awaited awaited = std::weak_ptr(done);
  run(
      [done = std::move(done)](ClientMachine* machine, const Error& error) {
        if (machine != nullptr) {
          machine->close_send(done);
        } else {
          done->complete(error);
        }
      },
      std::move(awaited));
}

void RunningCall::recv(std::shared_ptr<ItemTarget> target) {
  Awaited awaited = std::weak_ptr(target);
  run(
      [target = std::move(target)](ClientMachine* machine, const Error& error) {
        if (machine != nullptr) {
          machine->recv(target);
        } else {
          target->complete(ItemTarget::Outcome::kError, error);
        }
      },
      std::move(awaited));
}

void RunningCall::finish(std::shared_ptr<ResultTarget> target) {
  Awaited awaited = std::weak_ptr(target);
  run(
      [target = std::move(target)](ClientMachine* machine, const Error& error) {
        if (machine != nullptr) {
          machine->finish(target);
        } else {
          target->complete(error);
        }
      },
      std::move(awaited));
}

void RunningCall::cancel() { canceler_.cancel(); }

std::shared_ptr<ClientCall> start_unary(const std::shared_ptr<RuntimeCore>& runtime, CallSpec spec,
                                        std::shared_ptr<ResultTarget> target) {
  auto call = std::make_shared<RunningCall>(runtime, std::move(spec), std::move(target));
  call->start();
  return call;
}

std::shared_ptr<ClientCall> start_stream(const std::shared_ptr<RuntimeCore>& runtime, CallSpec spec) {
  auto call = std::make_shared<RunningCall>(runtime, std::move(spec), nullptr);
  call->start();
  return std::make_shared<StreamHandle>(std::move(call));
}

Executor home_of(const std::shared_ptr<RuntimeCore>& runtime) { return runtime->home(); }

}  // namespace nb::rpc

#include "rpc/running_call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "naming/names.h"
#include "rpc/backoff.h"
#include "rpc/errors.h"
#include "rpc/peer.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::minutes kConnectTimeout(1);

}  // namespace

RunningCall::RunningCall(std::shared_ptr<RuntimeCore> runtime, CallSpec spec, std::shared_ptr<ResultTarget> unary)
    : runtime_(std::move(runtime)), spec_(std::move(spec)), unary_(std::move(unary)) {}

void RunningCall::start() {
  self_ = shared_from_this();
  if (!spec_.context.is_initialized()) return fail(verror::BadArg("context not initialized"));

  auto [context, canceler] = spec_.context.with_cancel();
  spec_.context = std::move(context);
  canceler_ = std::move(canceler);
  const auto now = runtime_->now();
  connect_deadline_ = spec_.context.deadline().value_or(now + kConnectTimeout);
  if (const auto timeout = spec_.options.connection_timeout()) {
    connect_deadline_ =
        std::min(connect_deadline_, now + std::chrono::duration_cast<Clock::Steady::duration>(*timeout));
  }
  naming::AddressName name = naming::split_address_name(spec_.name);
  address_ = std::move(name.address);
  suffix_ = std::move(name.suffix);

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
  if (address_.empty()) return attempt_failed(kNonRootedName(), false);
  const auto endpoint = naming::parse_endpoint(address_);
  if (!endpoint) return attempt_failed(wrap(kInvalidEndpoint, endpoint.error()), false);
  const auto manager = runtime_->client_manager();
  if (!manager) return fail(manager.error());

  if (auto cached = (*manager)->dial_cached(*endpoint)) {
    const auto connection = *cached;
    if (connection->in_executor()) return begin(connection);
    if (connection->post([self = shared_from_this(), connection] { self->begin(connection); })) return;
    return fail(wrap(verror::BadState, kCloseAlreadyCalled()));
  } else if (spec_.options.connection_timeout() == std::chrono::nanoseconds(0)) {
    return attempt_failed(cached.error(), false);
  }
  (*manager)->dial(*endpoint, spec_.context, connect_deadline_,
                   [self = shared_from_this()](Result<std::shared_ptr<conn::Connection>> result) {
                     self->connected(std::move(result));
                   });
}

void RunningCall::connected(Result<std::shared_ptr<conn::Connection>> connection) {
  if (!connection) return attempt_failed(connection.error(), true);
  begin(*connection);
}

void RunningCall::begin(const std::shared_ptr<conn::Connection>& connection) {
  // The data flow first and then, for the first call, the type flow: the order of ids that peers know.
  auto flow = connection->open_flow();
  if (!flow) return attempt_failed(flow.error(), true);
  auto types = Peer::of(*connection).dialed(*connection);
  if (!types) {
    (*flow)->close();
    return attempt_failed(types.error(), true);
  }
  // Without streams the call is over when its result is there; see complete().
  std::function<void()> on_ended;
  if (unary_ == nullptr) {
    on_ended = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->release();
    };
  }
  auto machine = std::make_shared<ClientMachine>(*flow, std::move(*types), spec_.context, std::move(on_ended));
  std::vector<Operation> waiting;
  bool too_late = false;
  {
    const std::lock_guard lock(mutex_);
    too_late = ended_;
    if (!too_late) {
      connection_ = connection;
      machine_ = machine;
      waiting.swap(waiting_);
    }
  }
  if (too_late) return (*flow)->close();  // it was never written: the peer hears nothing of it
  v23::rpc::Request request;
  request.Suffix = suffix_;
  request.Method = spec_.method;
  request.NumPosArgs = spec_.arguments->refs().size();
  if (const auto left = spec_.context.time_left()) request.Deadline = Deadline::after(*left);
  request.Language = spec_.context.language();
  machine->start(request, *spec_.arguments, unary_ != nullptr);
  if (unary_ != nullptr) machine->finish(std::shared_ptr<ResultTarget>(shared_from_this()));
  for (const Operation& operation : waiting) operation(machine.get(), Error());
  // Between the creation of the machine and this line the context may have ended without anyone to tell.
  if (const Error why = spec_.context.error()) machine->end(why);
}

void RunningCall::attempt_failed(Error error, bool may_retry) {
  const Error context_error = spec_.context.error();
  const Error result = context_error
                           ? with_printed_cause(context_error, "server:" + spec_.name + "." + spec_.method, error)
                           : no_servers(error);
  if (!may_retry) return fail(result.with_action(NoRetry));
  if (context_error) return fail(result);
  if (!retry_later(result)) fail(result);
}

Error RunningCall::no_servers(const Error& cause) const {
  const std::string server = "server:" + spec_.name + "." + spec_.method;
  if (verror::Timeout.matches(cause)) return with_printed_cause(verror::Timeout("connecting"), server, cause);
  return with_printed_cause(verror::NoServers("for " + spec_.name), server, cause);
}

bool RunningCall::retry_later(const Error& error) {
  const bool worth_it = error.action() != NoRetry;
  const auto now = runtime_->now();
  if (!spec_.options.retries() || !worth_it || now > connect_deadline_) return false;
  const auto delay = backoff(retries_, connect_deadline_ - now, runtime_->options().random);
  if (!delay) return false;
  ++retries_;
  const TimerId timer = runtime_->loop()->call_at(now + std::chrono::duration_cast<Clock::Steady::duration>(*delay),
                                                  [weak = weak_from_this()] {
                                                    if (const auto self = weak.lock()) self->attempt();
                                                  });
  const std::lock_guard lock(mutex_);
  retry_timer_ = timer;
  last_error_ = error;
  return true;
}

void RunningCall::complete(Error error) {
  if (error && error.action() == RetryBackoff) {
    {
      const std::lock_guard lock(mutex_);
      connection_ = nullptr;
      machine_ = nullptr;
    }
    if (retry_later(error)) return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
  }
  unary_->complete(std::move(error));
  release();
}

void RunningCall::fail(const Error& error) {
  std::vector<Operation> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    failure_ = error;
    waiting.swap(waiting_);
  }
  if (unary_ != nullptr) unary_->complete(error);
  for (const Operation& operation : waiting) operation(nullptr, error);
  release();
}

void RunningCall::context_ended(const Error& why) {
  const std::string what = "calling " + spec_.method;
  Error error = verror::Canceled.matches(why) ? verror::Canceled(what) : verror::Timeout(what);
  std::shared_ptr<conn::Connection> connection;
  std::shared_ptr<ClientMachine> machine;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    connection = connection_;
    machine = machine_;
    if (machine == nullptr && last_error_) error = with_printed_cause(error, "before", last_error_);
  }
  if (machine == nullptr) return fail(error);
  run_on(connection, machine, [error](ClientMachine* running, const Error&) {
    if (running != nullptr) running->end(error);
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
  }
  if (timer != TimerId::kNone) runtime_->loop()->forget(timer);
}

void RunningCall::run(Operation operation) {
  std::shared_ptr<conn::Connection> connection;
  std::shared_ptr<ClientMachine> machine;
  Error failure;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_ && machine_ == nullptr) {
      waiting_.push_back(std::move(operation));
      return;
    }
    failure = failure_;
    connection = connection_;
    machine = machine_;
  }
  if (failure) return operation(nullptr, failure);
  run_on(connection, machine, std::move(operation));
}

void RunningCall::run_on(const std::shared_ptr<conn::Connection>& connection,
                         const std::shared_ptr<ClientMachine>& machine, Operation operation) {
  if (connection->in_executor()) return operation(machine.get(), Error());
  const auto shared = std::make_shared<Operation>(std::move(operation));
  if (connection->post([machine, shared] { (*shared)(machine.get(), Error()); })) return;
  (*shared)(nullptr, wrap(verror::BadState, kCloseAlreadyCalled()));
}

void RunningCall::send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) {
  run([item = std::move(item), done = std::move(done)](ClientMachine* machine, const Error& error) {
    if (machine != nullptr) {
      machine->send(*item, done);
    } else {
      done->complete(error);
    }
  });
}

void RunningCall::close_send(std::shared_ptr<DoneState> done) {
  run([done = std::move(done)](ClientMachine* machine, const Error& error) {
    if (machine != nullptr) {
      machine->close_send(done);
    } else {
      done->complete(error);
    }
  });
}

void RunningCall::recv(std::shared_ptr<ItemTarget> target) {
  run([target = std::move(target)](ClientMachine* machine, const Error& error) {
    if (machine != nullptr) {
      machine->recv(target);
    } else {
      target->complete(ItemTarget::Outcome::kError, error);
    }
  });
}

void RunningCall::finish(std::shared_ptr<ResultTarget> target) {
  run([target = std::move(target)](ClientMachine* machine, const Error& error) {
    if (machine != nullptr) {
      machine->finish(target);
    } else {
      target->complete(error);
    }
  });
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
  return call;
}

Executor home_of(const std::shared_ptr<RuntimeCore>& runtime) { return runtime->home(); }

}  // namespace nb::rpc

#include "rpc/server_machine.h"

#include <chrono>
#include <utility>

#include <nb/base/verror.h>

#include "rpc/errors.h"
#include "rpc/in_place.h"
#include "rpc/peer.h"
#include "rpc/reserved_names.h"
#include "rpc/server_core.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::minutes kRequestTimeout(1);
// More arguments than this are not waited for when a call is refused; the flow just closes behind the answer.
constexpr std::uint64_t kMaxDrained = 1024;

bool is_reserved(std::string_view name) { return name.starts_with("__"); }

const std::shared_ptr<const Authorizer>& everyone() {
  static const auto* const authorizer = new std::shared_ptr<const Authorizer>(allow_everyone());
  return *authorizer;
}

// The dispatcher is the user's: what it throws is its answer to this call and to no other.
Result<Dispatched> look_up(Dispatcher& dispatcher, const Context& context, const std::string& suffix) {
  try {
    return dispatcher.lookup(context, suffix);
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

}  // namespace

ServerMachine::ServerMachine(std::shared_ptr<ServerCore> server, std::shared_ptr<conn::Flow> flow)
    : server_(std::move(server)),
      connection_(flow->connection().shared_from_this()),
      values_(std::move(flow), Peer::of(*connection_).accepted()),
      scope_(server_->context(), Canceler()),
      started_(
          Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(server_->loop()->clock()->wall_now()))) {
  if (values_.has_types()) state_ = State::kRequest;
}

void ServerMachine::start(BytesView rest) {
  values_.feed(rest);
  values_.flow().listen(weak_from_this());
  advance();
}

// Most calls arrive in one piece and are answered in the same turn; no deadline could reach them, so none is set up.
// What was answered already waits, if at all, for the peer to read it, and a server that stops closes its connections.
void ServerMachine::watch_if_waiting() {
  if (is_watched_ || state_ == State::kClosed || (state_ == State::kClosing && !scope_.context.deadline())) return;
  if (state_ == State::kTypes || state_ == State::kRequest) {
    scope_ = server_->context().with_timeout(kRequestTimeout).with_cancel();
  }
  is_watched_ = true;
  on_context_end_ = scope_.context.on_end([weak = weak_from_this()](const Error& why) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->connection_->post([self, why] { self->context_ended(why); });
  });
}

void ServerMachine::on_payload(Bytes payload) {
  // A client that still sends behind its answer keeps nothing here.
  if (state_ == State::kClosing || state_ == State::kClosed) return values_.pass_over(payload.size());
  values_.feed(payload);
  if (state_ == State::kRunning) return pump();
  advance();
}

void ServerMachine::on_drained() {
  values_.drained();
  for (const auto& done : std::exchange(sending_, {})) done->complete(Result<void>());
}

void ServerMachine::on_closed(const Error& why) {
  const auto self = shared_from_this();  // the server's list may let go of this
  values_.close_input();
  const bool running = state_ == State::kRunning;
  state_ = State::kClosed;
  on_context_end_.reset();
  if (hooks_ != nullptr) hooks_->end(verror::Canceled("the flow was closed before the answer"));
  scope_.canceler.cancel();
  if (running) {
    // The client cancelled, or is gone. The method goes on until it notices.
    end_streams(why ? verror::Canceled("connection lost: " + std::string(why.message()))
                    : verror::Canceled("the client cancelled the call"));
  }
  leave();
}

void ServerMachine::leave() {
  if (state_ != State::kClosed || method_runs_) return;
  forget_load();
  server_->remove(shared_from_this());
}

void ServerMachine::context_ended(const Error& why) {
  // Posted by the scope before the request was known, and overtaken by it.
  if (!scope_.context.error()) return;
  switch (state_) {
    case State::kTypes:
    case State::kRequest:
    case State::kArguments:
    case State::kDraining:
      return stop_waiting();
    case State::kRunning: {
      // The client's own deadline fires about now; an answer is kinder than a flow that just closes.
      const Error error = verror::Timeout.matches(why) ? verror::Timeout("the deadline passed on the server")
                                                       : verror::Canceled("the server shuts down");
      end_streams(error);
      return respond(error, {});
    }
    case State::kClosing:
      values_.flow().close();
      state_ = State::kClosed;
      return leave();
    case State::kClosed:
      return;
  }
}

void ServerMachine::stop_waiting() {
  values_.close_input();
  values_.flow().close();
  state_ = State::kClosed;
  if (hooks_ != nullptr) hooks_->end(verror::Canceled("ended without an answer"));
  scope_.canceler.cancel();
  on_context_end_.reset();
  leave();
}

void ServerMachine::advance() {
  if (std::exchange(advancing_, true)) return;
  const auto self = shared_from_this();
  while (step()) {
  }
  advancing_ = false;
  watch_if_waiting();
}

bool ServerMachine::step() {
  if (state_ == State::kTypes) {
    const auto& types = Peer::of(*connection_).accepted();
    if (types == nullptr) {
      Peer::of(*connection_).wait_for_accepted(weak_from_this());
      return false;
    }
    values_.set_types(types);
    state_ = State::kRequest;
    return true;
  }
  if (state_ == State::kRunning) {
    pump();
    return false;
  }
  if (state_ == State::kClosing || state_ == State::kClosed) return false;
  if (state_ == State::kArguments && arguments_read_ == invocation_->arguments().size()) {
    invoke();
    return false;
  }
  if (state_ == State::kDraining && to_drain_ == 0) {
    respond(refusal_, {});
    return false;
  }
  switch (values_.look(weak_from_this())) {
    case ValueFlow::Have::kValue:
      break;
    case ValueFlow::Have::kNothing:
      return false;
    case ValueFlow::Have::kEnd:
      return false;  // on_closed has done, or will do, the rest
    case ValueFlow::Have::kError:
      if (state_ == State::kDraining) {
        respond(refusal_, {});
        return false;
      }
      respond(verror::BadProtocol(
                  (state_ == State::kRequest ? "failed to decode request: " : "failed to decode arguments: ") +
                  std::string(values_.failure().message())),
              {});
      return false;
  }
  if (state_ == State::kRequest) return read_request();
  if (state_ == State::kArguments) return read_arguments();
  return drain();
}

bool ServerMachine::read_request() {
  if (const auto read = values_.read(request_); !read) {
    method_ = "UNKNOWN";
    Context context = server_->context();
    (void)intercept(context);
    respond(verror::BadProtocol("failed to decode request: " + std::string(read.error().message())), {});
    return false;
  }
  method_ = request_.Method;
  const std::size_t begin = request_.Suffix.find_first_not_of('/');
  suffix_ = begin == std::string::npos ? std::string() : request_.Suffix.substr(begin);
  // A client may say at once that it sends no items (the older drawing of the protocol does).
  input_ended_ = request_.EndStreamArgs;

  Context context = server_->context();
  if (!request_.Language.empty()) context = context.with_language(request_.Language);
  if (request_.Deadline) context = context.with_timeout(request_.Deadline.left());
  const Error refused = intercept(context);
  on_context_end_.reset();
  is_watched_ = false;
  scope_ = context.with_cancel();
  return refused ? refuse(refused) : dispatch();
}

bool ServerMachine::dispatch() {
  const auto full_name = [this] { return suffix_ + "." + method_; };
  if (const Error ended = scope_.context.error()) return refuse(ended);  // its deadline was past when it arrived
  auto granted = server_->authority().take_granted(std::move(request_.GrantedBlessings));
  if (!granted) return refuse(granted.error());
  granted_ = std::move(*granted);
  if (is_reserved(method_)) {
    // They look at the suffix, and ask authorizers, themselves.
    authorizer_ = everyone();
    object_ = server_->reserved_methods();
  } else {
    const bool reserved = is_reserved(suffix_);
    Dispatcher* const dispatcher = reserved ? server_->reserved_dispatcher() : &server_->dispatcher();
    if (dispatcher == nullptr) return refuse(verror::UnknownSuffix(suffix_));
    auto found = look_up(*dispatcher, scope_.context, suffix_);
    if (!found) return refuse(found.error());
    if (found->object == nullptr) return refuse(verror::UnknownSuffix(suffix_));
    authorizer_ = reserved ? reserved_authorizer(std::move(found->authorizer)) : std::move(found->authorizer);
    object_ = std::move(found->object);
  }

  const ServiceDescriptor& descriptor = object_->service_descriptor();
  const MethodBinding* binding = descriptor.find(method_);
  if (binding == nullptr) return refuse(verror::UnknownMethod(full_name()));
  invocation_ = binding->make();
  const std::size_t wanted = invocation_->arguments().size();
  if (request_.NumPosArgs != wanted) {
    return refuse(kBadNumInputArgs(full_name() + " takes " + std::to_string(wanted) + ", and " +
                                   std::to_string(request_.NumPosArgs) + " were sent"));
  }
  const MethodDescriptor* described = descriptor.find_descriptor(method_);
  has_streams_ = described != nullptr && (described->in_stream || described->out_stream);
  call_.emplace(scope_.context,
                server_->authority().call_on(values_.flow(), started_, method_, suffix_,
                                             described == nullptr ? std::span<const Any>() : described->tags),
                std::move(granted_));
  state_ = State::kArguments;
  return true;
}

bool ServerMachine::refuse(Error error) {
  refusal_ = std::move(error);
  to_drain_ = request_.NumPosArgs > kMaxDrained ? 0 : request_.NumPosArgs;
  state_ = State::kDraining;
  return true;
}

bool ServerMachine::drain() {
  if (const auto skipped = values_.skip(); !skipped) {
    respond(refusal_, {});
    return false;
  }
  --to_drain_;
  return true;
}

bool ServerMachine::read_arguments() {
  const auto read = values_.read(invocation_->arguments()[arguments_read_]);
  if (!read) {
    respond(kBadInputArg("argument " + std::to_string(arguments_read_) + " of " + suffix_ + "." + method_ + ": " +
                         std::string(read.error().message())),
            {});
    return false;
  }
  ++arguments_read_;
  return true;
}

Error ServerMachine::intercept(Context& context) {
  const auto& makers = server_->interceptors();
  if (makers.empty()) return Error();
  const auto& names = Peer::of(*connection_).names(*connection_);
  const std::string server = server_->name_for_traces();
  const IncomingRequest incoming{method_, suffix_, server, names->local, names->remote, request_.TraceRequest};
  hooks_ = ServerHooks::make(makers, incoming);
  return hooks_ == nullptr ? Error() : hooks_->start(incoming, context);
}

bool ServerMachine::may_see_traces() {
  return server_->authority().may_see_traces(values_.flow(), scope_.context, started_);
}

Error ServerMachine::authorize() {
  return server_->authority().decide(call_->context(), call_->security(), authorizer_.get());
}

void ServerMachine::invoke() {
  if (hooks_ != nullptr) hooks_->received_until(values_.taken());
  if (const Error refused = authorize()) return respond(refused, {});
  // Not before: those whom nobody lets in take no room from others, however long their arguments are on the way.
  if (const Error busy = admit()) return respond(busy, {});
  if (hooks_ != nullptr) {
    if (const Error refused = hooks_->dispatch(*call_)) return respond(refused, {});
  }
  const Executor& where = server_->handlers();
  if (where && !may_wait()) return respond(overloaded("calls waiting", server_->options().max_queued()), {});
  state_ = State::kRunning;
  method_runs_ = true;
  if (where) {
    where.post([self = shared_from_this(), where] {
      self->begins_to_run();
      self->begin_method(where);
      self->has_left_thread();
    });
    return;
  }
  const auto self = shared_from_this();
  const InPlaceWatch watch(*server_, method_);
  begin_method(in_place_executor(connection_, server_, method_));
}

// Where methods run.
void ServerMachine::begin_method(const Executor& where) {
  const auto self = shared_from_this();
  // It may have waited long in the queue of a busy pool; nobody wants its answer then.
  if (const Error ended = call_->context().error()) return run([self, ended] { self->never_began(ended); }, [] {});
  const bool runs_on = invocation_->start(*object_, *call_, *this, where, [self] {
    // Never from inside the coroutine, which goes with its invocation.
    self->connection_->post([self] { self->method_ended(); });
  });
  if (runs_on) return;
  if (connection_->in_executor()) return method_ended();
  run([self] { self->method_ended(); }, [] {});
}

void ServerMachine::never_began(const Error& why) {
  const auto self = shared_from_this();
  method_runs_ = false;
  if (state_ == State::kRunning) {
    end_streams(why);
    respond(why, {});
  }
  invocation_.reset();
  object_.reset();
  leave();
}

void ServerMachine::method_ended() {
  const auto self = shared_from_this();
  method_runs_ = false;
  const Error error = invocation_->finish();
  if (state_ == State::kRunning) {
    static const Error ended = verror::BadState("the method has ended");
    end_streams(ended);
    respond(error, error ? std::span<const ValueRef>() : invocation_->results());
  }
  invocation_.reset();
  object_.reset();
  leave();
}

void ServerMachine::respond(const Error& error, std::span<const ValueRef> results) {
  v23::rpc::Response response;
  if (error) response.Error = error;
  response.EndStreamResults = true;
  response.NumPosResults = results.size();
  if (hooks_ != nullptr) {
    hooks_->answering(error, response.TraceResponse);
    if (response.TraceResponse.Flags != 0 && !may_see_traces()) response.TraceResponse = {};
  }
  Error told = error;
  auto added = values_.add(response);
  for (const ValueRef& result : results) {
    if (added) added = values_.add(result);
  }
  if (!added) {
    values_.discard();
    v23::rpc::Response failed;
    told = verror::Internal("failed to encode the results: " + std::string(added.error().message()));
    failed.Error = told;
    failed.EndStreamResults = true;
    if (!values_.add(failed)) return stop_waiting();
  }
  if (hooks_ != nullptr) {
    hooks_->sent(values_.unsent());
    hooks_->end(told);
  }
  values_.flush(true);
  state_ = State::kClosing;
  values_.credit_all();
}

// ---- streams ----

const Executor& ServerMachine::home() const { return server_->home(); }

void ServerMachine::run(std::function<void()> f, const std::function<void()>& refused) {
  if (connection_->in_executor()) return f();
  if (!connection_->post(std::move(f))) refused();
}

void ServerMachine::send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) {
  run([self = shared_from_this(), item = std::move(item), done] { self->write_item(*item, done); },
      [done] { done->complete(wrap(verror::BadState, kCloseAlreadyCalled())); });
}

void ServerMachine::recv(std::shared_ptr<ItemTarget> target) {
  run(
      [self = shared_from_this(), target] {
        self->receives_.push_back(target);
        self->pump();
      },
      [target] { target->complete(ItemTarget::Outcome::kError, wrap(verror::BadState, kCloseAlreadyCalled())); });
}

void ServerMachine::write_item(const Values& item, const std::shared_ptr<DoneState>& done) {
  if (stream_failure_) {
    done->complete(stream_failure_);
    return;
  }
  auto added = values_.add(v23::rpc::Response());
  if (added) added = values_.add(item.refs().front());
  if (!added) {
    values_.discard();
    done->complete(added.error());
    return;
  }
  if (hooks_ != nullptr) hooks_->sent(values_.unsent());
  if (values_.flush_item()) {
    done->complete(Result<void>());
  } else {
    sending_.push_back(done);
  }
}

void ServerMachine::pump() {
  if (std::exchange(pumping_, true)) return;
  while (!receives_.empty() && step(*receives_.front())) receives_.pop_front();
  pumping_ = false;
}

bool ServerMachine::step(ItemTarget& target) {
  using Outcome = ItemTarget::Outcome;
  while (!stream_failure_ && !input_ended_) {
    switch (values_.look(weak_from_this())) {
      case ValueFlow::Have::kValue:
        break;
      case ValueFlow::Have::kNothing:
        return false;
      case ValueFlow::Have::kEnd:
        stream_failure_ = verror::Canceled("the client ended the call");
        continue;
      case ValueFlow::Have::kError:
        stream_failure_ = verror::BadProtocol(values_.failure().message());
        continue;
    }
    if (item_expected_) {
      item_expected_ = false;
      const auto read = values_.read(target.slot());
      if (read) {
        if (hooks_ != nullptr) hooks_->received_until(values_.taken());
        target.complete(Outcome::kItem, Error());
        return true;
      }
      stream_failure_ = verror::BadProtocol("failed to decode stream item: " + std::string(read.error().message()));
      continue;
    }
    v23::rpc::Request header;
    if (const auto read = values_.read(header); !read) {
      stream_failure_ = verror::BadProtocol("failed to decode request: " + std::string(read.error().message()));
      continue;
    }
    input_ended_ = header.EndStreamArgs;
    item_expected_ = !input_ended_;
  }
  if (input_ended_) {
    target.complete(Outcome::kEnd, Error());
  } else {
    target.complete(Outcome::kError, stream_failure_);
  }
  return true;
}

void ServerMachine::end_streams(const Error& why) {
  if (!stream_failure_) stream_failure_ = why;
  for (const auto& done : std::exchange(sending_, {})) done->complete(stream_failure_);
  pump();
}

}  // namespace nb::rpc

// RunningCall: a client call from its start to its end: finding a connection, trying again, and then the machine that
// runs on the connection. Handles call it from any thread; it passes their operations on to the connection's executor,
// in the order in which they were asked for, also when the asking thread changes in between.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nb/rpc/client_call.h>

#include "conn/dial.h"
#include "rpc/answered_by.h"
#include "rpc/client_machine.h"
#include "rpc/running_calls.h"
#include "rpc/runtime_core.h"
#include "rpc/server_order.h"

namespace nb::rpc {

class RunningCall final : public ClientCall, public ResultTarget, public std::enable_shared_from_this<RunningCall> {
 public:
  // `unary`: where the results go; null for a call with streams.
  RunningCall(std::shared_ptr<RuntimeCore> runtime, CallSpec spec, std::shared_ptr<ResultTarget> unary);
  void start();

  void send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) override;
  void recv(std::shared_ptr<ItemTarget> target) override;
  void close_send(std::shared_ptr<DoneState> done) override;
  void finish(std::shared_ptr<ResultTarget> target) override;
  void cancel() override;

  // Nobody holds the call's handle any more (of a call with streams).
  void let_go();
  // Its connection's executor is not run any more: everything that waits for it ends with the error. Any thread.
  void give_up(const Error& error);
  RunningCallLinks& links() { return links_; }

 private:
  // Works on the machine, or, when there will be none, answers with the error.
  using Operation = std::function<void(ClientMachine*, const Error&)>;
  // What the program may wait for.
  using Awaited = std::variant<std::weak_ptr<DoneState>, std::weak_ptr<ItemTarget>, std::weak_ptr<ResultTarget>>;

  // Of a call without streams: stands before the program's target, to try again.
  bool expects(std::size_t count) override { return unary_->expects(count); }
  std::span<const SlotRef> slots() override { return unary_->slots(); }
  void complete(Error error) override;

  void attempt();
  bool is_cached_only() const { return spec_.options.connection_timeout() == std::chrono::nanoseconds(0); }
  conn::DialOptions dial_options() const;
  void dial();
  // The rest of an attempt, on the connection's executor. `is_cached`: another dial may still help.
  void choose_blessings(const conn::Dialed& dialed, bool is_cached);
  void open_flow(const conn::Dialed& dialed, bool is_cached, flow::ShownBlessings shown);
  void begin(const conn::Dialed& dialed, std::shared_ptr<conn::Flow> flow);
  void forget_discharges(const flow::ShownBlessings& shown);
  bool retry_later(const Error& error);

  // running_call_resolve.cc
  struct Failure {
    Failure(std::string server_, Error why_) : server(std::move(server_)), why(std::move(why_)) {}
    std::string server;
    Error why;
  };
  bool is_to_be_resolved() const;
  void resolve();
  void resolved(Result<v23::naming::MountEntry> entry);
  void call_one_of(std::vector<Candidate> servers);  // not empty
  void go_on_with(const Candidate& server, const conn::Dialed& dialed, bool is_cached);
  void attempt_failed(const Error& error, bool may_retry);  // at the server that was chosen
  void attempts_failed(const std::vector<Failure>& failures, bool may_retry);
  void retry_or_fail(const Error& error);
  void flush_name();  // what mount tables said about it may be old
  std::string trust_advice() const;

  void context_ended(const Error& why);
  void fail(const Error& error);  // there will be no machine
  void release();                 // the call is over: nothing keeps it but its handle

  void run(Operation operation);
  void run(Operation operation, Awaited awaited);
  void work_off();        // the operations that wait, on the connection's executor
  void work_off_begun();  // the same when is_working_ was set

  const std::shared_ptr<RuntimeCore> runtime_;  // shared by all handles
  CallSpec spec_;
  Canceler canceler_;
  const std::shared_ptr<ResultTarget> unary_;  // shared with the handle that waits for it
  Clock::Steady connect_deadline_;
  std::shared_ptr<const KnownName> name_;        // of the server that is tried; shared with other calls of the name
  std::string server_name_;                      // the same as text
  bool is_resolved_ = false;                     // each attempt resolves the name first
  const AnsweredBy* answered_by_ = nullptr;      // null: nobody asks; the context keeps it
  std::shared_ptr<const Authorizer> authority_;  // what the server has to be; shared with connections that ask it

  std::mutex mutex_;  // guards the rest
  ContextRegistration on_context_end_;
  std::uint32_t retries_ = 0;
  TimerId retry_timer_ = TimerId::kNone;
  bool ended_ = false;
  Error last_error_;                              // why it is being tried again
  Error failure_;                                 // set: no machine any more
  std::vector<Operation> operations_;             // wait for a connection, or for their turn on its executor
  bool is_working_ = false;                       // somebody works them off and will see what is new
  bool is_posted_ = false;                        // somebody is going to
  std::vector<Awaited> awaited_;                  // some of them may be over
  std::size_t awaited_to_tidy_ = 32;              // at this size those that are over are dropped
  std::shared_ptr<conn::Connection> connection_;  // with the machine
  std::shared_ptr<ClientMachine> machine_;        // shared with operations on their way to the executor
  std::shared_ptr<RunningCall> self_;             // while the call runs it owns itself

  RunningCallLinks links_;  // RunningCalls' own
};

}  // namespace nb::rpc

// RunningCall: a client call from its start to its end: finding a connection, trying again, and then the machine that
// runs on the connection. Handles call it from any thread; it passes their operations on to the connection's executor,
// in the order in which they were asked for, also when the asking thread changes in between.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nb/rpc/client_call.h>

#include "conn/dial.h"
#include "rpc/answered_by.h"
#include "rpc/call_retries.h"
#include "rpc/client_hooks.h"
#include "rpc/client_machine.h"
#include "rpc/connect_failure.h"
#include "rpc/peer.h"
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
  void server(std::shared_ptr<CalledServerState> told) override;

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
  void try_again_after(std::chrono::nanoseconds delay);
  bool repeat_after(const Error& error);  // the whole call; false: it is over
  Error instead_of(const Error& latest) const;
  void tell_server(const conn::Dialed& dialed, const conn::Flow& flow);

  // What is told of the server, put together when somebody asks.
  struct Called {
    Called(BlessingNames names_, Blessings blessings_, std::shared_ptr<const Peer::Names> ends_,
           std::shared_ptr<const KnownName> name_)
        : names(std::move(names_)), blessings(std::move(blessings_)), ends(std::move(ends_)), name(std::move(name_)) {}
    CalledServer told() const;
    BlessingNames names;
    Blessings blessings;
    std::shared_ptr<const Peer::Names> ends;  // shared with the connection
    std::shared_ptr<const KnownName> name;    // shared with other calls of it
  };

  // running_call_resolve.cc
  bool is_to_be_resolved() const;
  void resolve();
  void resolved(Result<v23::naming::MountEntry> entry);
  void call_one_of(std::vector<Candidate> servers);  // not empty
  void try_servers();                                // those of them that have not failed yet
  void dial_all(conn::Manager& manager);
  void dial_next(conn::Manager& manager);
  void go_on_with(std::size_t server, const conn::Dialed& dialed, bool is_cached);
  bool may_go_to(const KnownName& name) const;              // else: kNoPrincipal
  void attempt_failed(const Error& error, bool may_retry);  // at the server that was chosen; others may do
  void servers_failed(bool may_retry = true);               // none of them will do
  void attempts_failed(const std::vector<ServerFailure>& failures, bool may_retry);
  // `action`: what this failure to connect allows, whatever the error advises others to do.
  void retry_or_fail(const Error& error, RetryAction action);
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
  std::shared_ptr<ClientHooks> hooks_;          // null: nobody intercepts it; shared with machines
  CallSpec spec_;
  Canceler canceler_;
  const std::shared_ptr<ResultTarget> unary_;    // shared with the handle that waits for it
  CallRetries retries_;                          // of the attempt under way, of which there is one at a time
  std::shared_ptr<const KnownName> name_;        // of the server that is tried; shared with other calls of the name
  std::string server_name_;                      // the same as text
  std::vector<Candidate> servers_;               // of the name, of which this one is; empty: it is the name's own
  std::vector<Error> server_errors_;             // one for each; no error: it has not failed in this attempt
  std::size_t chosen_ = 0;                       // which of them is tried
  bool is_resolved_ = false;                     // each attempt resolves the name first
  const AnsweredBy* answered_by_ = nullptr;      // null: nobody asks; the context keeps it
  std::shared_ptr<const Authorizer> authority_;  // what the server has to be; shared with connections that ask it

  std::mutex mutex_;  // guards the rest
  ContextRegistration on_context_end_;
  TimerId retry_timer_ = TimerId::kNone;
  bool ended_ = false;
  Error connect_error_;           // why connecting is being tried again
  Error call_error_;              // why the whole call is
  std::optional<Called> called_;  // the request was sent to it
  std::vector<std::shared_ptr<CalledServerState>> asking_for_server_;
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

// ServerMachine: one call as its server sees it (docs/spec/rpc.md 6.2): reads the request and the arguments, finds the
// method, has it run, and writes the answer; in between it carries the streams. Belongs to the connection's executor,
// but for the face towards the method (ServerStreamCore), which is safe from any thread.
//
// The server's list of calls owns it until its flow is closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/context.h>
#include <nb/rpc/server.h>

#include "rpc/server_hooks.h"
#include "rpc/value_flow.h"
#include "v.io/v23/rpc/rpc.vdl.h"

namespace nb::rpc {

class ServerCore;

class ServerMachine final : public conn::FlowListener,
                            public TypeWaiter,
                            public ServerStreamCore,
                            public std::enable_shared_from_this<ServerMachine> {
 public:
  ServerMachine(std::shared_ptr<ServerCore> server, std::shared_ptr<conn::Flow> flow);
  ~ServerMachine() override;
  // `rest`: what came behind the kind byte.
  void start(BytesView rest);
  // The name of its method while that runs, else empty; alive as long as this. Any thread.
  std::string_view running_method() const { return method_runs_ ? std::string_view(method_) : std::string_view(); }

  void on_payload(Bytes payload) override;
  void on_drained() override;
  void on_closed(const Error& why) override;
  void on_types() override { advance(); }

  const Executor& home() const override;
  void send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) override;
  void recv(std::shared_ptr<ItemTarget> target) override;

 private:
  enum class State {
    kTypes,      // waits for the connection's type flow
    kRequest,    // waits for the request
    kArguments,  // waits for the arguments
    kDraining,   // skips the arguments of a call that is refused
    kRunning,    // the method runs
    kClosing,    // the answer was written; waits until the last of it has left
    kClosed,
  };

  void advance();
  bool step();  // false: nothing can be done now
  bool read_request();
  bool dispatch();
  bool read_arguments();
  bool drain();
  void invoke();
  void begin_method(const Executor& where);
  void method_ended();
  void never_began(const Error& why);

  // server_machine_load.cc
  Error admit();            // no error: the call counts from now on
  Error admit_as_stream();  // likewise
  bool may_wait() const;    // in the queue of the handlers; it counts from now on
  void begins_to_run();     // it has left an executor's queue
  void has_left_thread();   // … or a thread of the pool
  void forget_load();
  Error overloaded(std::string_view what, std::size_t most) const;
  // No error, or what an interceptor refuses the call with. `context`: of the call, may be replaced.
  Error intercept(Context& context);
  bool may_see_traces();  // the client

  Error authorize();         // no error: the method may run
  bool refuse(Error error);  // after the arguments were skipped
  void respond(const Error& error, std::span<const ValueRef> results);
  void stop_waiting();  // closes without an answer: nobody can read one
  void leave();         // the server's list, once flow and method have both ended

  void watch_if_waiting();
  void context_ended(const Error& why);

  void pump();
  bool step(ItemTarget& target);  // false: waits
  void write_item(const Values& item, const std::shared_ptr<DoneState>& done);
  void end_streams(const Error& why);  // whatever waits on them ends
  // Runs f on the executor, now or later; `refused` when it never will.
  void run(std::function<void()> f, const std::function<void()>& refused);

  const std::shared_ptr<ServerCore> server_;            // shared by its calls
  const std::shared_ptr<conn::Connection> connection_;  // held while it carries this call
  ValueFlow values_;
  State state_ = State::kTypes;
  bool advancing_ = false;

  WithCancel scope_;  // ends with the flow; until the request is known with a deadline of ours
  ContextRegistration on_context_end_;
  bool is_watched_ = false;  // the scope

  v23::rpc::Request request_;
  std::string method_;
  std::string suffix_;
  std::unique_ptr<ServerHooks> hooks_;  // null: nobody intercepts it
  std::uint64_t to_drain_ = 0;
  Error refusal_;
  const Time started_;
  Blessings granted_;
  std::shared_ptr<const Authorizer> authorizer_;  // the dispatcher's; null: the server's
  std::shared_ptr<Service> object_;               // shared with the dispatcher; held while its method runs
  std::unique_ptr<Invocation> invocation_;
  std::size_t arguments_read_ = 0;
  std::optional<ServerCall> call_;

  bool has_streams_ = false;  // the method
  bool counts_as_call_ = false;
  bool counts_as_stream_ = false;
  std::atomic<bool> method_runs_ = false;  // from then on method_ stays as it is
  bool pumping_ = false;

  bool input_ended_ = false;  // the client's stream
  bool item_expected_ = false;
  Error stream_failure_;
  std::list<std::shared_ptr<ItemTarget>> receives_;  // costs nothing while it is empty, as it is in most calls
  std::vector<std::shared_ptr<DoneState>> sending_;
};

}  // namespace nb::rpc

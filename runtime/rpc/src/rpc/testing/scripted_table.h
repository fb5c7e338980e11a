// A mount table that says what the test wants, a server, and a client whose names begin at the table: on a network in
// memory, over real connections.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/rpc/bind.h>
#include <nb/rpc/namespace.h>
#include <nb/rpc/server.h>
#include <nb/rpc/server_call.h>

#include "naming/endpoint.h"
#include "naming/errors.h"
#include "rpc/testing/calc_service.h"
#include "rpc/testing/watched_network.h"

namespace nb::rpc::testing {

// What one method was asked.
struct TableQuestion {
  TableQuestion(const ServerCall& call, std::string method_)
      : method(std::move(method_)),
        suffix(call.suffix()),
        asker(call.remote_names().valid),
        time_left(call.context().time_left()) {}
  std::string method;
  std::string suffix;
  std::vector<std::string> asker;
  std::optional<std::chrono::nanoseconds> time_left;
};

// Answers each ResolveStep with what the test has put there; the last answer stays.
class ScriptedTable final : public virtual Service {
 public:
  Reply<MountEntry> resolve_step(ServerCall& call);
  Reply<void> mount(ServerCall& call, std::string server, std::uint32_t ttl, v23::naming::MountFlag flags);
  Reply<void> unmount(ServerCall& call, std::string server);
  const ServiceDescriptor& service_descriptor() const override;

  void will_answer(Result<MountEntry> what);
  void will_only_answer(Result<MountEntry> what);
  std::size_t times(std::string_view method) const;
  std::vector<TableQuestion> questions() const;
  // From now on nothing is answered until release(), or the caller gives up.
  void hold();
  void release();
  void let_through();  // those that wait now, and no others

 private:
  void note(const ServerCall& call, std::string method);
  Pending<Result<void>> gate(const ServerCall& call);

  mutable std::mutex mutex_;
  std::deque<Result<MountEntry>> answers_;
  std::vector<TableQuestion> questions_;
  bool is_holding_ = false;
  std::vector<std::shared_ptr<DoneState>> held_;
  std::vector<ContextRegistration> registrations_;
};

// One object for every name. `authorizer`: null for the default.
struct AnyName final : Dispatcher {
  explicit AnyName(std::shared_ptr<Service> object_, std::shared_ptr<const Authorizer> authorizer_ = nullptr)
      : object(std::move(object_)), authorizer(std::move(authorizer_)) {}
  Result<Dispatched> lookup(const Context&, std::string_view) override { return Dispatched(object, authorizer); }
  std::shared_ptr<Service> object;
  std::shared_ptr<const Authorizer> authorizer;
};

MountEntry entry(std::vector<std::string> servers, std::string rest = "", bool is_table = false);

// A place where nobody is, or not yet.
std::string nobody(const std::string& address, const std::string& name = "alice");

// alice's table and server, and her client. Its cache is off.
struct TableScene {
  explicit TableScene(std::shared_ptr<Clock> client_clock = system_clock());

  Runtime runtime_of(std::shared_ptr<const Principal> principal, std::vector<std::string> roots,
                     std::shared_ptr<Clock> clock = system_clock()) const;
  Server serve(const std::shared_ptr<Service>& object, const std::string& address, bool is_table = false);
  Context context(std::chrono::nanoseconds timeout = std::chrono::seconds(20)) const {
    return client_runtime->context().with_timeout(timeout);
  }
  Result<std::int32_t> add(CallOptions options = CallOptions(),
                           std::chrono::nanoseconds timeout = std::chrono::seconds(20),
                           const std::string& name = "some/name") {
    return calc::CalcClient(*client_runtime, name, options).Add(context(timeout), 1, 2).get();
  }
  // Starts such a call, for tests that stop the client's clock: nobody waits for more than it takes.
  std::shared_ptr<PendingState<Result<std::int32_t>>> start_add(CallOptions options = CallOptions(),
                                                                const std::string& name = "some/name") {
    auto state = make_pending<PendingState<Result<std::int32_t>>>(Executor());
    calc::CalcClient(*client_runtime, name, options).Add(context(), 1, 2).then([state](Result<std::int32_t> sum) {
      state->complete(std::move(sum));
    });
    return state;
  }
  void answer(Result<MountEntry> what) { table->will_answer(std::move(what)); }
  void answer_only(Result<MountEntry> what) { table->will_only_answer(std::move(what)); }
  std::size_t times_asked() const { return table->times("ResolveStep"); }

  std::pair<LocalNetwork, std::shared_ptr<WatchedNetwork>> made_network = WatchedNetwork::make();
  LocalNetwork network = made_network.first;
  WatchedNetwork& wires = *made_network.second;
  std::shared_ptr<const Principal> alice = stranger("alice");
  std::shared_ptr<ScriptedTable> table = std::make_shared<ScriptedTable>();
  std::shared_ptr<Calc> service = std::make_shared<Calc>();
  Runtime server_runtime = runtime_of(alice, {});
  Server table_server;
  Server calc_server;
  std::optional<Runtime> client_runtime;
};

}  // namespace nb::rpc::testing

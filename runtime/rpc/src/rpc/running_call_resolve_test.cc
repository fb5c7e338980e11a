// Calls of names that a scripted mount table answers for.
#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <map>

#include <nb/base/verror.h>
#include <nb/rpc/bind.h>
#include <nb/rpc/namespace.h>

#include "naming/endpoint.h"
#include "naming/errors.h"
#include "rpc/errors.h"
#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::Calc;
using testing::stranger;

// Answers each ResolveStep with what the test has put there; the last answer stays.
class ScriptedTable final : public virtual Service {
 public:
  Reply<MountEntry> resolve_step(ServerCall& call) {
    const std::lock_guard lock(mutex);
    asked.push_back(call.suffix());
    if (answers.empty()) return naming::kNameDoesntExist(call.suffix());
    Result<MountEntry> answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return answer;
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{{}, {bind<&ScriptedTable::resolve_step>("ResolveStep")}};
    return descriptor;
  }

  std::mutex mutex;
  std::deque<Result<MountEntry>> answers;
  std::vector<std::string> asked;
};

struct AnyName final : Dispatcher {
  explicit AnyName(std::shared_ptr<Service> object_) : object(std::move(object_)) {}
  Result<Dispatched> lookup(const Context&, std::string_view) override { return Dispatched(object); }
  std::shared_ptr<Service> object;
};

MountEntry entry(std::vector<std::string> servers, std::string rest = "") {
  MountEntry made;
  made.Name = std::move(rest);
  for (auto& server : servers) made.Servers.emplace_back(std::move(server), Deadline::after(60s));
  return made;
}

// A place where nobody is.
std::string nobody(const std::string& address, const std::string& name = "alice") {
  naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = address;
  endpoint.blessing_names = {name};
  return "/" + naming::to_string(endpoint);
}

struct Scene {
  Scene() {
    table_server = server_runtime
                       .serve(std::shared_ptr<Dispatcher>(std::make_shared<AnyName>(table)),
                              ServerOptions().listen("local", "table").serves_mount_table())
                       .value();
    calc_server = server_runtime.serve(service, ServerOptions().listen("local", "calc")).value();
    client_runtime.emplace(runtime_of(blessed_by(alice, "client"), {table_server.name()}));
    Namespace(*client_runtime).enable_cache(false);
  }
  Runtime runtime_of(std::shared_ptr<const Principal> principal, std::vector<std::string> roots) const {
    return Runtime::make(RuntimeOptions()
                             .threads(1)
                             .principal(std::move(principal))
                             .local_network(network)
                             .grace(200ms)
                             .namespace_roots(std::move(roots)))
        .value();
  }
  Context context(std::chrono::nanoseconds timeout = 20s) const {
    return client_runtime->context().with_timeout(timeout);
  }
  Result<std::int32_t> add(CallOptions options = CallOptions(), std::chrono::nanoseconds timeout = 20s,
                           const std::string& name = "some/name") {
    return calc::CalcClient(*client_runtime, name, options).Add(context(timeout), 1, 2).get();
  }
  void answer(Result<MountEntry> what) { table->answers.push_back(std::move(what)); }
  std::size_t times_asked() const { return table->asked.size(); }

  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = stranger("alice");
  std::shared_ptr<ScriptedTable> table = std::make_shared<ScriptedTable>();
  std::shared_ptr<Calc> service = std::make_shared<Calc>();
  Runtime server_runtime = runtime_of(alice, {});
  Server table_server;
  Server calc_server;
  std::optional<Runtime> client_runtime;
};

}  // namespace

TEST_CASE("[0-57] a name that does not exist yet is asked for again, until it does") {
  Scene s;
  s.answer(naming::kNameDoesntExist("some/name"));
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add().value() == 3);
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-29] [1-12] without retries a name that does not exist ends the call in NoServers, after one question") {
  Scene s;
  const Error error = s.add(CallOptions().no_retry()).error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.action() == RetryRefetch);
  CHECK(s.times_asked() == 1);
}

TEST_CASE("[0-58] [0-59] what else a table says ends the call at once") {
  Scene s;
  s.answer(verror::NoServers("of mine"));
  const Error same = s.add().error();
  CHECK(verror::NoServers.matches(same));
  CHECK(same.action() == NoRetry);
  CHECK(s.times_asked() == 1);
  s.table->answers = {verror::NoAccess("no")};
  const Error wrapped = s.add().error();
  CHECK(verror::NoServers.matches(wrapped));
  CHECK(wrapped.action() == NoRetry);
  CHECK(wrapped.message().find("access denied") != std::string_view::npos);
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-60] [1-30] a name that resolves to no servers is an error of its own") {
  Scene s;
  s.answer(entry({}));
  const Error error = s.add().error();
  CHECK_MESSAGE(verror::Internal.matches(error), error.message());
  CHECK(error.action() == NoRetry);
}

TEST_CASE("[0-61] servers that will not do make the call ask again, and [0-32] not if they were given") {
  Scene s;
  s.answer(entry({"/@9@nothing@@"}));
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add().value() == 3);
  CHECK(s.times_asked() == 2);
  const Error error = s.add(CallOptions().preresolved(entry({"/@9@nothing@@"}))).error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.message().find("/@9@nothing@@") != std::string_view::npos);
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-47] what the table left of the name is the suffix of the request") {
  Scene s;
  struct Suffix final : Dispatcher {
    Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
      return verror::BadState("asked for <" + std::string(suffix) + ">");
    }
  };
  auto server =
      s.server_runtime
          .serve(std::shared_ptr<Dispatcher>(std::make_shared<Suffix>()), ServerOptions().listen("local", "x"))
          .value();
  s.answer(entry({server.name("deep")}, "er/still"));
  CHECK(s.add().error().message().find("<deep/er/still>") != std::string_view::npos);
}

TEST_CASE("[0-71] [0-79] of several servers the one that answers is called, and if none does each is named") {
  Scene s;
  s.answer(entry({nobody("x"), s.calc_server.name(), nobody("y")}));
  CHECK(s.add(CallOptions().no_retry()).value() == 3);
  CHECK(s.service->calls == 1);
  s.table->answers = {entry({nobody("x"), nobody("y")})};
  const Error error = s.add(CallOptions().no_retry()).error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.action() == RetryRefetch);
  // [0-85] in the order of the servers, and [0-43] with names that say where.
  REQUIRE(error.sub_errors().size() == 2);
  CHECK(error.sub_errors()[0].name == nobody("x") + ":some/name.Add");
  CHECK(error.sub_errors()[1].name == nobody("y") + ":some/name.Add");
}

TEST_CASE("[0-64] many servers are dialed at once") {
  Scene s;
  std::vector<std::string> servers;
  for (int i = 0; i < 50; ++i) servers.push_back(nobody("n" + std::to_string(i)));
  servers.push_back(s.calc_server.name());
  s.answer(entry(servers));
  CHECK(s.add(CallOptions().no_retry()).value() == 3);
  CHECK(s.service->calls == 1);
}

TEST_CASE(
    "[0-83] [1-25] a server that is not trusted does not stop another one, and alone ends the call in NotTrusted") {
  Scene s;
  auto endpoint = naming::parse_endpoint(s.calc_server.name().substr(1)).value();
  endpoint.blessing_names = {"mallory"};
  const std::string untrusted = "/" + naming::to_string(endpoint);
  auto other = s.server_runtime.serve(s.service, ServerOptions().listen("local", "other")).value();
  s.answer(entry({untrusted, other.name()}));
  CHECK(s.add(CallOptions().no_retry()).value() == 3);
  s.table->answers = {entry({untrusted, nobody("x")})};
  const Error error = s.add().error();
  CHECK_MESSAGE(verror::NotTrusted.matches(error), error.message());
  CHECK(error.sub_errors().size() == 2);
}

TEST_CASE(
    "[0-81] [1-29] [0-39] when nobody answers, what was remembered of the name is forgotten and it is asked for "
    "again") {
  Scene s;
  Namespace(*s.client_runtime).enable_cache(true);
  s.answer(entry({nobody("x")}));
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add().value() == 3);
  CHECK(s.times_asked() == 2);
  CHECK(s.add().value() == 3);  // from the cache
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-55] the pattern in a name counts for the server that the name stands for") {
  Scene s;
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add({}, 20s, "__(alice)/some/name").value() == 3);
  CHECK(verror::NotTrusted.matches(s.add({}, 20s, "__(bob)/some/name").error()));
  CHECK(s.table->asked.back() == "some/name");
}

TEST_CASE("[0-56] how the table is judged and asked follows the call's options") {
  Scene s;
  s.answer(entry({s.calc_server.name()}));
  const auto nobody_at_all = patterns_authorizer({});
  const Error error = s.add(CallOptions().no_retry().name_resolution_authorizer(nobody_at_all)).error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(s.times_asked() == 0);
  // The server's authorizer is not asked about the table.
  CHECK(s.add(CallOptions().server_authorizer(patterns_authorizer({BlessingPattern("alice")}))).value() == 3);
}

TEST_CASE("[0-46] a server without an address is passed by, and a call without resolution asks nobody") {
  Scene s;
  s.answer(entry({"relative", s.calc_server.name()}));
  CHECK(s.add(CallOptions().no_retry()).value() == 3);
  // To the table itself, which has no such method.
  const Error error = s.add(CallOptions().no_resolve()).error();
  CHECK_MESSAGE(verror::UnknownMethod.matches(error), error.message());
  CHECK(s.times_asked() == 1);
}

TEST_CASE("[0-41] [0-99] a call whose name is never found ends with its context, and says what came before") {
  Scene s;
  const Error error = s.add({}, 500ms).error();
  CHECK((verror::Timeout.matches(error) || verror::NoServers.matches(error)));
  CHECK(error.message().find("name doesn't exist") != std::string_view::npos);
  CHECK(s.times_asked() >= 2);
}

TEST_CASE("a server that only looks like a mount table is called all the same, and not asked again for a while") {
  Scene s;
  auto endpoint = naming::parse_endpoint(s.calc_server.name().substr(1)).value();
  endpoint.serves_mount_table = true;
  CHECK(s.add({}, 20s, "/" + naming::to_string(endpoint)).value() == 3);
}

}  // namespace nb::rpc

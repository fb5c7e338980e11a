// Calls of names that a scripted mount table answers for.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include <nb/base/verror.h>
#include <nb/rpc/bind.h>
#include <nb/rpc/namespace.h>

#include "naming/endpoint.h"
#include "naming/errors.h"
#include "rpc/errors.h"
#include "rpc/testing/scripted_table.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::entry;
using testing::nobody;
using Scene = testing::TableScene;

// Anywhere among the errors that led to this one.
bool has_cause(const Error& error, const StandardError& cause) {
  if (cause.matches(error)) return true;
  const auto sub_errors = error.sub_errors();
  return std::ranges::any_of(sub_errors, [&](const SubError& each) { return has_cause(each.error, cause); });
}

// Has a method of mount tables, to count who takes it for one.
class NoTable final : public virtual Service {
 public:
  Reply<std::int32_t> add(ServerCall&, std::int32_t a, std::int32_t b) { return a + b; }
  Reply<MountEntry> resolve_step(ServerCall&) {
    ++times_asked;
    return verror::UnknownMethod("ResolveStep");
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{
        {}, {bind<&NoTable::add>("Add"), bind<&NoTable::resolve_step>("ResolveStep")}};
    return descriptor;
  }
  std::atomic<int> times_asked = 0;
};

}  // namespace

TEST_CASE("[0-57] [1-12] a name that does not exist yet is asked for again, until it does") {
  Scene s;
  s.answer(naming::kNameDoesntExist("some/name"));
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add().value() == 3);
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-39] a call goes on trying until it succeeds") {
  Scene s;
  s.answer(naming::kNameDoesntExist("some/name"));
  s.answer(naming::kNameDoesntExist("some/name"));
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add().value() == 3);
  CHECK(s.times_asked() == 3);
  CHECK(s.service->calls == 1);
}

TEST_CASE("[0-29] without retries a name that does not exist ends the call in NoServers, after one question") {
  Scene s;
  const Error error = s.add(CallOptions().no_retry()).error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.action() == RetryRefetch);
  CHECK(s.times_asked() == 1);
}

TEST_CASE("[0-20] [1-21] when a call cannot be started because of its name the error is returned at once") {
  Scene s(std::make_shared<HandClock>());  // a second try would never come
  s.answer(verror::NoAccess("no"));
  const auto call = s.start_add();
  REQUIRE(testing::eventually([&] { return call->is_done(); }));
  const Error error = call->take().error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(s.times_asked() == 1);
}

TEST_CASE("[0-58] [0-59] what else a table says ends the call at once") {
  Scene s;
  s.answer(verror::NoServers("of mine"));
  const Error same = s.add().error();
  CHECK(verror::NoServers.matches(same));
  CHECK(same.action() == NoRetry);
  CHECK(s.times_asked() == 1);
  s.answer_only(verror::NoAccess("no"));
  const Error wrapped = s.add().error();
  CHECK(verror::NoServers.matches(wrapped));
  CHECK(wrapped.action() == NoRetry);
  CHECK(wrapped.message().find("access denied") != std::string_view::npos);
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-59] that a table has no time left is said as it is") {
  Scene s;
  s.answer(verror::Timeout("of mine"));
  const Error error = s.add().error();
  CHECK_MESSAGE(verror::Timeout.matches(error), error.message());
  CHECK(error.message().find("of mine") != std::string_view::npos);
  CHECK(error.action() == NoRetry);
  CHECK(s.times_asked() == 1);
}

TEST_CASE("[0-60] [1-30] a name that resolves to no servers is an error of its own") {
  Scene s;
  s.answer(entry({}));
  const Error error = s.add().error();
  CHECK_MESSAGE(verror::Internal.matches(error), error.message());
  CHECK(error.action() == NoRetry);
}

TEST_CASE("[0-61] [1-12] servers that will not do make the call ask again") {
  Scene s;
  s.answer(entry({"/@9@nothing@@"}));
  s.answer(entry({s.calc_server.name()}));
  CHECK(s.add().value() == 3);
  CHECK(s.times_asked() == 2);
}

TEST_CASE("[0-32] servers that were given and will not do end the call at once, since nobody else is to be asked") {
  Scene s(std::make_shared<HandClock>());  // a second try would never come
  const auto call = s.start_add(CallOptions().preresolved(entry({"/@9@nothing@@"})));
  REQUIRE(testing::eventually([&] { return call->is_done(); }));
  const Error error = call->take().error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.message().find("/@9@nothing@@") != std::string_view::npos);
  CHECK(s.times_asked() == 0);
}

TEST_CASE("[0-48] an address that is none is told of as such") {
  Scene s;
  s.answer(entry({"/@9@nothing@@"}));
  CHECK(has_cause(s.add(CallOptions().no_retry()).error(), kInvalidEndpoint));
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

TEST_CASE("[0-79] if none of several servers answers each is named") {
  Scene s;
  s.answer(entry({nobody("x"), nobody("y")}));
  const Error error = s.add(CallOptions().no_retry()).error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.action() == RetryRefetch);
  // [0-85] in the order of the servers, and [0-43] with names that say where.
  REQUIRE(error.sub_errors().size() == 2);
  CHECK(error.sub_errors()[0].name == nobody("x") + ":some/name.Add");
  CHECK(error.sub_errors()[1].name == nobody("y") + ":some/name.Add");
}

TEST_CASE(
    "[0-71] the server that answers first is called though a better one is still being dialed, which is given up") {
  Scene s;
  const auto slower = std::make_shared<testing::Calc>();
  const Server slow_server = s.server_runtime.serve(slower, ServerOptions().listen("local", "slow")).value();
  s.wires.hold("slow");
  s.answer(entry({nobody("x"), slow_server.name(), s.calc_server.name()}));
  CHECK(s.add(CallOptions().no_retry()).value() == 3);
  CHECK(s.service->calls == 1);
  CHECK(s.wires.dials("slow") == 1);
  CHECK(testing::eventually([&] { return s.wires.given_up("slow") == 1; }));
  s.wires.release("slow");
  CHECK(slower->calls == 0);
}

TEST_CASE("of several servers that answer one gets the request, and it gets it once") {
  for (int i = 0; i < 10; ++i) {
    Scene s;
    const auto other = std::make_shared<testing::Calc>();
    const Server other_server = s.server_runtime.serve(other, ServerOptions().listen("local", "other")).value();
    s.wires.hold("calc");
    s.wires.hold("other");
    s.answer(entry({s.calc_server.name(), other_server.name()}));
    const auto call = s.start_add();
    REQUIRE(testing::eventually([&] { return s.wires.dials("calc") == 1 && s.wires.dials("other") == 1; }));
    s.wires.release("other");
    s.wires.release("calc");
    REQUIRE(testing::eventually([&] { return call->is_done(); }));
    CHECK(call->take().value() == 3);
    // What was sent to both would be there before the next call's answer.
    CHECK(s.add(CallOptions(), 20s, s.calc_server.name()).value() == 3);
    CHECK(s.add(CallOptions(), 20s, other_server.name()).value() == 3);
    CHECK(s.service->calls + other->calls == 3);
  }
}

TEST_CASE("[0-64] all servers of a resolved name are dialed before any of them has answered") {
  Scene s;
  std::vector<std::string> servers;
  std::vector<std::string> addresses;
  for (int i = 0; i < 49; ++i) addresses.push_back("n" + std::to_string(i));
  for (const std::string& address : addresses) servers.push_back(nobody(address));
  servers.insert(servers.begin() + 20, s.calc_server.name());
  addresses.push_back("calc");
  for (const std::string& address : addresses) s.wires.hold(address);
  s.answer(entry(servers));
  const auto call = s.start_add(CallOptions().no_retry());
  for (const std::string& address : addresses) {
    CHECK_MESSAGE(testing::eventually([&] { return s.wires.dials(address) == 1; }), address);
  }
  CHECK_FALSE(call->is_done());
  s.wires.release("calc");
  REQUIRE(testing::eventually([&] { return call->is_done(); }));
  CHECK(call->take().value() == 3);
  addresses.pop_back();
  for (const std::string& address : addresses) {
    CHECK(testing::eventually([&] { return s.wires.given_up(address) == 1; }));
    CHECK(s.wires.dials(address) == 1);
  }
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
  s.answer_only(entry({untrusted, nobody("x")}));
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
  CHECK(s.table->questions().back().suffix == "some/name");
}

TEST_CASE("[0-56] how the table is judged and asked follows those options of the call that are for it") {
  Scene s;
  // A server with another name than the table's.
  Runtime bobs = s.runtime_of(testing::blessed_by(s.alice, "bob"), {});
  const auto for_all = std::make_shared<testing::AnyName>(s.service, allow_everyone());
  const Server bobs_server =
      bobs.serve(std::shared_ptr<Dispatcher>(for_all), ServerOptions().listen("local", "bob")).value();
  s.answer(entry({bobs_server.name()}));
  const auto only = [](const char* name) { return patterns_authorizer({BlessingPattern(name)}); };
  const Error error = s.add(CallOptions().no_retry().name_resolution_authorizer(only("alice:bob"))).error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(error.message().find("trust") != std::string_view::npos);
  CHECK(s.times_asked() == 0);
  // One for the server is not for the table, nor the other way round.
  CHECK(s.add(CallOptions().no_retry().server_authorizer(only("alice:bob"))).value() == 3);
  CHECK(s.add(CallOptions().no_retry().name_resolution_authorizer(only("alice"))).value() == 3);
  CHECK(s.add(CallOptions().no_retry().allowed_servers({BlessingPattern("alice:bob")})).value() == 3);
  CHECK(s.times_asked() == 3);
  for (const auto& question : s.table->questions()) CHECK(question.suffix == "some/name");
  // What the call has left of its time the question has.
  CHECK(s.table->questions().back().time_left <= 20s);
}

TEST_CASE("[0-56] a call without retries asks a table that is not there once") {
  Scene s(std::make_shared<HandClock>());  // a second try would never come
  naming::Endpoint gone;
  gone.protocol = "local";
  gone.address = "gone";
  gone.blessing_names = {"alice"};
  gone.serves_mount_table = true;
  const auto call = s.start_add(CallOptions().no_retry(), "/" + naming::to_string(gone) + "/x");
  REQUIRE(testing::eventually([&] { return call->is_done(); }));
  CHECK(verror::NoServers.matches(call->take().error()));
  CHECK(s.wires.dials("gone") == 1);
}

TEST_CASE("[0-46] [1-7] a server without an address is passed by, and told of when there is no other") {
  Scene s;
  s.answer(entry({"", s.calc_server.name()}));
  CHECK(s.add(CallOptions().no_retry()).value() == 3);
  s.answer_only(entry({""}, "x"));
  CHECK(has_cause(s.add(CallOptions().no_retry()).error(), kNonRootedName));
}

TEST_CASE("a call without resolution asks nobody") {
  Scene s;
  // To the table itself, which has no such method.
  const Error error = s.add(CallOptions().no_resolve()).error();
  CHECK_MESSAGE(verror::UnknownMethod.matches(error), error.message());
  CHECK(s.times_asked() == 0);
}

TEST_CASE("a call whose name is never found ends with its context, and says what came before") {
  Scene s;
  const Error error = s.add({}, 500ms).error();
  CHECK((verror::Timeout.matches(error) || verror::NoServers.matches(error)));
  CHECK(error.message().find("name doesn't exist") != std::string_view::npos);
  CHECK(s.times_asked() >= 2);
}

TEST_CASE("a server that only looks like a mount table is called all the same, and one without endpoint asked once") {
  Scene s;
  Namespace(*s.client_runtime).enable_cache(true);
  const auto service = std::make_shared<NoTable>();
  const Server server = s.server_runtime.serve(service, ServerOptions().listen("tcp", "127.0.0.1:0")).value();
  auto endpoint = naming::parse_endpoint(server.name().substr(1)).value();
  const std::string name = "/(alice)@" + endpoint.address;
  for (int i = 0; i < 3; ++i) CHECK(s.add({}, 20s, name).value() == 3);
  CHECK(service->times_asked == 1);
  // An endpoint says itself what it is. This one says so each time.
  endpoint.serves_mount_table = true;
  for (int i = 0; i < 3; ++i) CHECK(s.add({}, 20s, "/" + naming::to_string(endpoint)).value() == 3);
  CHECK(service->times_asked == 4);
}

}  // namespace nb::rpc

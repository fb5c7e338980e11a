// Finding and changing names: whom the resolver asks, and what it makes of the answers.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include <nb/base/verror.h>
#include <nb/security/authorizer.h>

#include "rpc/errors.h"
#include "rpc/resolver.h"
#include "rpc/testing/scripted_table.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::entry;
using testing::eventually;
using testing::nobody;
using testing::ScriptedTable;
using testing::TableScene;

// Where a mount table may be one day.
std::string table_at(const std::string& address) {
  naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = address;
  endpoint.blessing_names = {"alice"};
  endpoint.serves_mount_table = true;
  return "/" + naming::to_string(endpoint);
}

Namespace names_below(const TableScene& scene, std::vector<std::string> roots) {
  return Namespace(*scene.client_runtime, CallOptions().no_retry().namespace_roots(std::move(roots)));
}

std::string first_server(const Result<MountEntry>& entry) {
  return entry && !entry->Servers.empty() ? entry->Servers.front().Server : std::string(entry.error().message());
}

// "host:port" of what listens on tcp.
std::string port_of(const Server& server) { return naming::parse_endpoint(server.name().substr(1)).value().address; }

}  // namespace

TEST_CASE("what a table says is remembered of that table, and not of the others that could have answered") {
  TableScene s;
  Namespace(*s.client_runtime).enable_cache(true);
  s.answer(entry({"/evil:1"}));
  const std::string other_name = table_at("other");
  CHECK(first_server(names_below(s, {s.table_server.name(), other_name}).resolve(s.context(), "x").get()) == "/evil:1");
  const auto other = std::make_shared<ScriptedTable>();
  other->will_answer(entry({"/good:1"}));
  const Server other_server = s.serve(other, "other", true);
  CHECK(first_server(names_below(s, {other_name}).resolve(s.context(), "x").get()) == "/good:1");
  CHECK(other->times("ResolveStep") == 1);
  // Of the one that answered it is.
  CHECK(first_server(names_below(s, {s.table_server.name()}).resolve(s.context(), "x").get()) == "/evil:1");
  CHECK(s.times_asked() == 1);
}

TEST_CASE("that a server is no mount table is remembered of it, and not of the others that could have answered") {
  TableScene s;
  Namespace(*s.client_runtime).enable_cache(true);
  const auto table = std::make_shared<ScriptedTable>();
  table->will_answer(entry({"/good:1"}));
  const auto dispatcher = std::make_shared<testing::AnyName>(table);
  const Server server =
      s.server_runtime.serve(std::shared_ptr<Dispatcher>(dispatcher), ServerOptions().listen("tcp", "127.0.0.1:0"))
          .value();
  const Server calc = s.server_runtime.serve(s.service, ServerOptions().listen("tcp", "127.0.0.1:0")).value();
  const std::string table_name = "/(alice)@" + port_of(server);
  const std::string calc_name = "/(alice)@" + port_of(calc);
  // The one that a connection leads to already is asked.
  REQUIRE(s.add(CallOptions().no_resolve(), 20s, calc_name));
  const auto both = names_below(s, {calc_name, table_name}).resolve(s.context(), "x").get().value();
  CHECK(both.Servers.size() == 2);
  CHECK(table->times("ResolveStep") == 0);
  CHECK(first_server(names_below(s, {table_name}).resolve(s.context(), "x").get()) == "/good:1");
}

TEST_CASE("what only some would believe a table is not remembered for all, nor the other way round") {
  TableScene s;
  Namespace(*s.client_runtime).enable_cache(true);
  s.answer(entry({"/evil:1"}));
  auto endpoint = naming::parse_endpoint(s.table_server.name().substr(1)).value();
  endpoint.blessing_names = {"mallory"};
  const std::string name = "/" + naming::to_string(endpoint) + "/x";
  const Namespace believer(*s.client_runtime, CallOptions().no_retry().name_resolution_authorizer(allow_everyone()));
  CHECK(believer.resolve(s.context(), name).get());
  CHECK_FALSE(names_below(s, {}).resolve(s.context(), name).get());
  CHECK(Namespace(*s.client_runtime).resolve(s.context(), s.table_server.name("x")).get());
  const Namespace sceptic(*s.client_runtime,
                          CallOptions().no_retry().name_resolution_authorizer(patterns_authorizer({})));
  CHECK_FALSE(sceptic.resolve(s.context(), s.table_server.name("x")).get());
}

TEST_CASE("of a name with thousands of servers a hundred are tried") {
  TableScene s;
  std::vector<std::string> many;
  for (int i = 0; i < 3000; ++i) many.push_back(nobody("n" + std::to_string(i)));
  s.answer(entry(many));
  CHECK(Namespace(*s.client_runtime).resolve(s.context(), "x").get().value().Servers.size() == 100);
  const Error error = s.add(CallOptions().no_retry()).error();
  CHECK(verror::NoServers.matches(error));
  CHECK(error.sub_errors().size() == 100);
  CHECK(s.add(CallOptions().no_retry().preresolved(entry(many))).error().sub_errors().size() == 100);
}

TEST_CASE("when what was remembered leads nowhere, the name is looked for once more") {
  TableScene s;
  Namespace(*s.client_runtime).enable_cache(true);
  const auto below = std::make_shared<ScriptedTable>();
  below->will_answer(entry({s.calc_server.name()}));
  Server first = s.serve(below, "first", true);
  s.answer_only(entry({first.name()}, "x", true));
  CHECK(s.add(CallOptions().no_retry(), 20s, "t/x").value() == 3);
  // The table below moves; that its own answers were forgotten makes the client ask it.
  first.stop(0ns);
  Server second = s.serve(below, "second", true);
  s.answer_only(entry({second.name()}, "x", true));
  const Namespace names(*s.client_runtime, CallOptions().no_retry());
  CHECK(names.resolve(s.context(), "t/y").get().value().Servers.front().Server == s.calc_server.name());
  CHECK(s.add(CallOptions().no_retry(), 20s, "t/z").value() == 3);
  second.stop(0ns);
  Server third = s.serve(below, "third", true);
  s.answer_only(entry({third.name()}, "x", true));
  CHECK(names.mount(s.context(), "t/x/new", "/h:1", 60s).get());
  CHECK(below->times("Mount") == 1);
}

TEST_CASE("to forget a name is to forget all branches that lead to it") {
  Resolver resolver({"/h:1"});
  const auto now = Clock::Steady(1h);
  resolver.cache().remember("/h:1", "a/x", entry({"/h:2", "/h:3", "/h:1/a"}, "x", true), now);
  resolver.cache().remember("/h:2", "x", entry({"/h:4"}, "", true), now);
  resolver.cache().remember("/h:4", "", entry({"/s:1"}), now);
  resolver.cache().remember("/h:3", "x", entry({"/s:2"}), now);
  resolver.cache().remember("/h:9", "x", entry({"/s:2"}), now);
  CHECK(resolver.flush("a/x", CallOptions(), now));
  CHECK(resolver.cache().size() == 1);
  CHECK_FALSE(resolver.flush("a/x", CallOptions(), now));
}

TEST_CASE("the time for connecting is the time for resolving, too") {
  const auto clock = std::make_shared<HandClock>();
  TableScene s(clock);
  s.answer(entry({s.calc_server.name()}));
  s.table->hold();
  std::atomic<bool> ended = false;
  Error error;
  calc::CalcClient(*s.client_runtime, "some/name")
      .Add(s.context(), 1, 2, CallOptions().connection_timeout(2s))
      .then([&](Result<std::int32_t> sum) {
        error = sum.error();
        ended = true;
      });
  REQUIRE(eventually([&] { return s.times_asked() == 1; }));
  clock->advance(1s);
  CHECK_FALSE(ended);
  clock->advance(2s);
  REQUIRE(eventually([&] { return ended.load(); }));
  CHECK_MESSAGE(verror::Timeout.matches(error), error.message());
  s.table->release();
  // None at all: only connections that are there are for asking, too.
  const CallOptions at_once = CallOptions().connection_timeout(0s);
  CHECK(s.add(at_once).error().message().find(s.calc_server.name()) != std::string_view::npos);
  s.table_server.stop(0ns);
  const Server again = s.serve(s.table, "table", true);
  const std::size_t asked = s.times_asked();
  CHECK(verror::NoServers.matches(s.add(at_once, 20s, again.name("some/name")).error()));
  CHECK(s.times_asked() == asked);
}

TEST_CASE("a mount is told to all servers of a table, also when the first one does not answer") {
  TableScene s;
  const auto other = std::make_shared<ScriptedTable>();
  const Server other_server = s.serve(other, "other", true);
  s.table->hold();
  std::atomic<bool> ended = false;
  const auto context = s.context();
  Namespace(*s.client_runtime, CallOptions().namespace_roots({s.table_server.name(), other_server.name()}))
      .mount(context, "", "/h:1", 60s)
      .then([&](const Result<void>&) { ended = true; });
  CHECK(eventually([&] { return s.table->times("Mount") == 1 && other->times("Mount") == 1; }));
  CHECK_FALSE(ended);
  s.table->release();
  CHECK(eventually([&] { return ended.load(); }));
}

}  // namespace nb::rpc

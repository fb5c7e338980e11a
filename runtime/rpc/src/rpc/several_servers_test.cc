// Names with several servers: who is dialed, who is called, and what becomes of the others (docs/spec/rpc.md 4.5, 4.9).
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "rpc/errors.h"
#include "rpc/runtime_core.h"
#include "rpc/server_race.h"
#include "rpc/testing/client_scene.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::ClientScene;

const ClientPolicy kOneByOne = [] {
  ClientPolicy policy;
  policy.dialing = ClientPolicy::Dialing::kOneByOne;
  return policy;
}();

struct SeveralServers : ClientScene {
  explicit SeveralServers(const std::vector<std::string>& places_) : places(places_) {
    for (const auto& place : places) {
      doors.push_back(&serve(place));
      network->hold(place);
    }
  }
  CallOptions all(CallOptions options = CallOptions().no_retry()) const {
    std::vector<std::string> servers;
    for (const auto& place : places) servers.push_back(at(place));
    return among(servers, std::move(options));
  }
  Call<std::int32_t> call(CallOptions options = CallOptions().no_retry()) {
    return add("some/name", all(std::move(options)));
  }
  std::size_t called(std::size_t i) const { return doors[i]->times.size(); }
  std::size_t dialed() const {
    std::size_t n = 0;
    for (const auto& place : places) n += network->dials(place);
    return n;
  }

  std::vector<std::string> places;
  std::vector<testing::Door*> doors;
};

bool contains(const Error& error, std::string_view part) {
  return error.message().find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("[0-64] all servers are dialed before any of them has answered") {
  std::vector<std::string> places;
  for (int i = 0; i < 50; ++i) places.push_back("n" + std::to_string(i));
  SeveralServers s(places);
  auto call = s.call();
  s.settle();
  CHECK(s.dialed() == 50);
  for (const auto& place : places) CHECK_MESSAGE(s.network->dials(place) == 1, place);
  CHECK_FALSE(call.is_done());
  s.network->release("n49");
  CHECK(*s.now(std::move(call)) == 3);
  CHECK(s.called(49) == 1);
  CHECK(s.dialed() == 50);
}

TEST_CASE("[0-68] of servers that are there at the same moment the better one is called") {
  for (const bool worse_first : {true, false}) {
    CAPTURE(worse_first);
    SeveralServers s({"best", "middle", "worst"});
    // Both are through with their handshakes in the same turn: the client is told of both before it goes on.
    auto call = s.call();
    s.settle();
    std::vector<std::string> order = {"middle", "worst"};
    if (worse_first) std::ranges::reverse(order);
    for (const auto& place : order) s.network->release(place);
    CHECK(*s.now(std::move(call)) == 3);
    CHECK(s.called(1) == 1);
    CHECK(s.called(2) == 0);
  }
}

TEST_CASE("[0-71] a server that answers is not kept waiting for a better one, nor left for it afterwards") {
  SeveralServers s({"best", "failing", "worst"});
  auto call = s.call();
  s.settle();
  s.network->refuse("failing");
  s.settle();
  s.network->release("worst");
  CHECK(*s.now(std::move(call)) == 3);
  s.network->release("best");
  s.settle();
  CHECK(s.called(2) == 1);
  CHECK(s.called(0) == 0);
}

TEST_CASE("[0-76] [0-80] once a server is called the dials to the others are given up, and leave no flow") {
  SeveralServers s({"late", "winner", "refusing", "there"});
  auto first = s.add(s.at("there"));
  s.network->release("there");
  CHECK(*s.now(std::move(first)) == 3);
  s.network->cut("there");
  s.settle();
  s.network->hold("there");

  auto call = s.call();
  s.settle();
  s.network->refuse("refusing");
  s.network->release("winner");
  CHECK(*s.now(std::move(call)) == 3);
  // Every dial but the winner's has ended: one was refused, two were given up; none is left to come.
  CHECK(s.network->given_up("late") == 1);
  CHECK(s.network->given_up("there") == 1);
  CHECK(s.network->given_up("winner") == 0);
  s.network->release("late");
  s.settle();
  CHECK(s.network->made("late") == 0);
  CHECK(s.network->made("winner") == 1);
  CHECK(s.called(0) + s.called(2) == 0);
}

TEST_CASE("[0-69] servers that never answer end the call at its deadline, in a time-out that is not tried again") {
  SeveralServers s({"a", "b"});
  std::chrono::nanoseconds took{};
  const Error error = s.later(s.add(s.context().with_timeout(5s), "some/name", s.all(CallOptions())), &took).error();
  CHECK_MESSAGE(verror::Timeout.matches(error), error.message());
  CHECK(error.action() == NoRetry);
  CHECK(took == 5s);
  CHECK(s.dialed() == 2);
  s.settle();
  CHECK(s.network->given_up("a") == 1);
  CHECK(s.network->given_up("b") == 1);
}

TEST_CASE("[0-67] without a deadline nothing ends the dials but their cancellation") {
  SeveralServers s({"a"});
  auto [context, canceler] = s.context().with_cancel();
  auto with_deadline = s.add(context.with_timeout(5s), "some/name", s.all(CallOptions().retry_timeout(1h)));
  auto without = s.add(context, "some/name", s.all(CallOptions().retry_timeout(1h)));
  s.settle();
  s.advance(4999ms);
  CHECK_FALSE(with_deadline.is_done());
  s.advance(1ms);
  REQUIRE(with_deadline.is_done());
  CHECK(verror::Timeout.matches(with_deadline.get().error()));
  s.advance(10s);
  CHECK_FALSE(without.is_done());
  canceler.cancel();
  CHECK(verror::Canceled.matches(s.now(std::move(without)).error()));
}

TEST_CASE("[0-45] every server is heard of exactly once, however its dial ends") {
  SeveralServers s({"good", "refused", "untrusted", "rubbish", "silent"});
  KnownNames known;
  std::vector<Candidate> servers;
  for (const std::string& name : {s.at("refused"), s.at("untrusted", "mallory"), s.at("rubbish"), s.at("silent")}) {
    servers.emplace_back(name, known.find(name));
  }
  naming::Endpoint odd;
  odd.protocol = "carrier-pigeon";
  odd.address = "roof";
  const std::string odd_name = "/" + naming::to_string(odd);
  servers.emplace_back(odd_name, known.find(odd_name));

  auto [context, canceler] = s.context().with_cancel();
  const auto manager = s.runtime().core()->manager_for(context).value();
  int done = 0;
  std::vector<Error> why;
  bool has_winner = false;
  auto race =
      std::make_shared<ServerRace>(servers, context, s.runtime().executor(),
                                   [&](std::optional<ServerRace::Winner> winner, const std::vector<Error>& errors) {
                                     ++done;
                                     has_winner = winner.has_value();
                                     why = errors;
                                   });
  race->start(*manager, conn::DialOptions());
  race.reset();
  s.network->refuse("refused");
  s.network->release("untrusted");
  s.network->fail("rubbish", verror::BadProtocol("not a handshake"));
  s.settle();
  CHECK(done == 0);  // one is still out
  canceler.cancel();
  s.settle();
  CHECK(done == 1);
  CHECK_FALSE(has_winner);
  REQUIRE(why.size() == 5);
  CHECK(why[0].is("v.io/v23/flow.DialFailed"));
  CHECK_MESSAGE(verror::NotTrusted.matches(why[1]), why[1].message());
  CHECK(contains(why[2], "not a handshake"));
  CHECK(verror::Canceled.matches(why[3]));
  CHECK_MESSAGE(contains(why[4], "carrier-pigeon"), why[4].message());
  s.network->release("silent");
  s.settle();
  CHECK(done == 1);
}

TEST_CASE("[0-79] [0-82] [0-85] when all have failed the call says why of each, in their order") {
  SeveralServers s({"a", "b", "c"});
  auto call = s.call();
  s.settle();
  s.network->fail("c", verror::BadState("third"));
  s.network->refuse("a");
  s.settle();
  CHECK_FALSE(call.is_done());
  s.network->fail("b", verror::BadState("second"));
  const Error error = s.now(std::move(call)).error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(error.action() == RetryRefetch);
  REQUIRE(error.sub_errors().size() == 3);
  CHECK(contains(error.sub_errors()[0].error, "refused"));
  CHECK(contains(error.sub_errors()[1].error, "second"));
  CHECK(contains(error.sub_errors()[2].error, "third"));
  for (std::size_t i = 0; i < 3; ++i) CHECK(error.sub_errors()[i].name == s.at(s.places[i]) + ":some/name.Add");
}

TEST_CASE("[0-83] one untrusted server and one that is not there make it NotTrusted, at once") {
  SeveralServers s({"a", "b"});
  s.network->release("a");
  s.network->refuse("b");
  const auto options = s.among({s.at("a", "mallory"), s.at("b")});
  const Error error = s.now(s.add("some/name", options)).error();
  CHECK_MESSAGE(verror::NotTrusted.matches(error), error.message());
  CHECK(error.sub_errors().size() == 2);
  CHECK(s.network->dials("b") == 1);
  CHECK(s.called(0) == 0);
}

TEST_CASE("[0-84] refused by all, the call ends in NoServers, or in BadProtocol where the policy is that of 2015") {
  SeveralServers s({"a", "b"});
  s.network->refuse("a");
  s.network->refuse("b");
  CHECK(verror::NoServers.matches(s.now(s.call()).error()));
  const auto old = CallOptions().policy(ClientPolicy::of_2015());
  const Error error = s.now(s.call(CallOptions(old).no_retry())).error();
  CHECK_MESSAGE(verror::BadProtocol.matches(error), error.message());
  CHECK(error.sub_errors().size() == 2);
  // It is tried again all the same.
  const auto before = s.dialed();
  CHECK(s.later(s.add(s.context().with_timeout(1s), "some/name", s.all(old))).error());
  CHECK(s.dialed() > before + 2);
}

TEST_CASE("[1-22] [1-23] as in 2014 servers are tried one after the other, the next when one has failed") {
  SeveralServers s({"a", "b", "c"});
  auto call = s.call(CallOptions().policy(kOneByOne).no_retry());
  s.settle();
  CHECK(s.network->order_of_dials() == std::vector<std::string>{"a"});
  s.advance(1s);
  CHECK(s.dialed() == 1);
  s.network->refuse("a");
  s.settle();
  CHECK(s.network->order_of_dials() == std::vector<std::string>{"a", "b"});
  s.network->release("b");
  CHECK(*s.now(std::move(call)) == 3);
  CHECK(s.called(1) == 1);
  CHECK(s.dialed() == 2);

  s.network->cut("b");
  s.settle();
  for (const auto& place : s.places) s.network->refuse(place);
  const Error error = s.now(s.call(CallOptions().policy(kOneByOne).no_retry())).error();
  CHECK(verror::NoServers.matches(error));
  REQUIRE(error.sub_errors().size() == 3);
  CHECK(error.sub_errors()[2].name == s.at("c") + ":some/name.Add");
}

TEST_CASE("[1-25] one after the other, a server that is not trusted is passed by") {
  SeveralServers s({"a", "b"});
  for (const auto& place : s.places) s.network->release(place);
  const auto options = CallOptions().policy(kOneByOne).no_retry();
  CHECK(*s.now(s.add("some/name", s.among({s.at("a", "mallory"), s.at("b")}, options))) == 3);
  CHECK(s.called(0) == 0);
  CHECK(s.called(1) == 1);
}

TEST_CASE("[1-24] one after the other, the deadline is that of the whole call, also for the server that is called") {
  SeveralServers s({"a", "b"});
  const auto options = s.all(CallOptions().policy(kOneByOne).no_retry());
  const auto deadline = s.clock->now() + 5s;
  auto call = s.add(s.context().with_deadline(deadline), "some/name", options);
  s.advance(2s);
  s.network->refuse("a");
  s.settle();
  s.network->release("b");
  CHECK(*s.now(std::move(call)) == 3);
  REQUIRE(s.doors[1]->deadlines.size() == 1);
  CHECK(s.doors[1]->deadlines[0] == deadline);
  // It ends the trying, too.
  s.network->cut("b");
  s.settle();
  s.network->heal("a");
  s.network->hold("a");
  auto late = s.add(s.context().with_timeout(5s), "some/name", options);
  s.advance(5s);
  REQUIRE(late.is_done());
  CHECK(verror::Timeout.matches(late.get().error()));
  CHECK(s.network->dials("b") == 1);
}

}  // namespace nb::rpc

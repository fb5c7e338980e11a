// From the server that was chosen to the request on its way, and who gets it: docs/spec/rpc.md 4.6 to 4.8.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "rpc/errors.h"
#include "rpc/testing/client_scene.h"
#include "rpc/testing/scripted_peer.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::ClientScene;
using testing::ScriptedPeer;

// Gives nothing, but is asked between the opening of the flow and the request.
Granter meanwhile(std::function<void()> what) {
  return [what = std::move(what)](const Context&, const SecurityCall&) -> Result<Blessings> {
    what();
    return Blessings();
  };
}

}  // namespace

TEST_CASE("[0-75] [1-28] a server that dies with the request was the only one to get it") {
  ClientScene s;
  ScriptedPeer dying(s, "a");
  auto& other = s.serve("b");
  s.network->hold("b");
  // As soon as it has read anything of the request.
  dying.on_request = [&](ScriptedPeer::Seen&) { s.network->cut("a"); };
  auto call = s.add("some/name", s.among({s.at("a"), s.at("b")}));
  s.settle();
  s.network->release("b");
  const Error error = s.now(std::move(call)).error();
  CHECK_MESSAGE(verror::BadProtocol.matches(error), error.message());
  CHECK(error.action() == NoRetry);
  s.advance(1min);
  CHECK(dying.calls().size() == 1);
  CHECK(other.times.empty());
  CHECK(s.network->dials("a") == 1);
}

TEST_CASE("[0-73] a connection that breaks between the flow's opening and the request ends the call without retry") {
  ClientScene s;
  auto& first = s.serve("a");
  auto& second = s.serve("b");
  const auto options = s.among({s.at("a"), s.at("b")}, CallOptions().granter(meanwhile([&] { s.network->cut("a"); })));
  s.network->hold("b");
  auto call = s.add("some/name", options);
  s.settle();
  REQUIRE(call.is_done());
  const Error error = call.get().error();
  CHECK(error.action() == NoRetry);
  s.network->release("b");
  s.advance(1min);
  CHECK(first.times.size() + second.times.size() == 0);
  CHECK(s.network->dials("a") == 1);
}

TEST_CASE("[0-77] [1-27] a context that ends closes the flow at the server, and one that ends later does nothing") {
  ClientScene s;
  ScriptedPeer peer(s, "a");
  auto [context, canceler] = s.context().with_cancel();
  auto call = s.add(context, s.at("a"));
  s.settle();
  REQUIRE(peer.calls().size() == 1);
  CHECK(peer.calls()[0]->closed == 0);
  canceler.cancel();
  CHECK(verror::Canceled.matches(s.now(std::move(call)).error()));
  CHECK(peer.calls()[0]->closed == 1);
  CHECK_FALSE(peer.calls()[0]->closed_why);

  auto timed = s.add(s.context().with_timeout(5s), s.at("a"));
  s.settle();
  REQUIRE(peer.calls().size() == 2);
  s.advance(4999ms);
  CHECK(peer.calls()[1]->closed == 0);
  s.advance(1ms);
  REQUIRE(timed.is_done());
  CHECK(verror::Timeout.matches(timed.get().error()));
  CHECK(peer.calls()[1]->closed == 1);

  // The watch ends with the call.
  auto& door = s.serve("b");
  auto [later, late_canceler] = s.context().with_cancel();
  CHECK(*s.now(s.add(later, s.at("b"))) == 3);
  late_canceler.cancel();
  s.settle();
  CHECK(*s.now(s.add(s.at("b"))) == 3);
  CHECK(door.times.size() == 2);
  CHECK(s.network->dials("b") == 1);
}

TEST_CASE("[0-72] a blocked recv ends when the context does") {
  ClientScene s;
  s.serve("a");
  auto [context, canceler] = s.context().with_cancel();
  auto centre = calc::CalcClient(s.runtime(), s.at("a")).Centre(context);
  auto item = centre.recv();
  s.settle();
  CHECK_FALSE(item.is_done());
  canceler.cancel();
  s.settle();
  REQUIRE(item.is_done());
  CHECK(verror::Canceled.matches(item.get().error()));

  auto timed = calc::CalcClient(s.runtime(), s.at("a")).Centre(s.context().with_timeout(5s));
  auto late = timed.recv();
  s.advance(4999ms);
  CHECK_FALSE(late.is_done());
  s.advance(1ms);
  REQUIRE(late.is_done());
  CHECK(verror::Timeout.matches(late.get().error()));
}

TEST_CASE("[0-78] the request carries the context's deadline, or none") {
  ClientScene s;
  auto& door = s.serve("a");
  CHECK(*s.now(s.add(s.at("a"))) == 3);
  const auto deadline = s.clock->now() + 7s;
  CHECK(*s.now(s.add(s.context().with_deadline(deadline), s.at("a"))) == 3);
  CHECK(*s.now(s.add(s.at("a"), CallOptions().connection_timeout(3s).channel_timeout(4s))) == 3);
  REQUIRE(door.deadlines.size() == 3);
  CHECK_FALSE(door.deadlines[0]);
  CHECK(door.deadlines[1] == deadline);
  CHECK_FALSE(door.deadlines[2]);
  // What cannot be sent is an error that is not tried again.
  const Error error =
      s.now(Client(s.runtime()).call<std::int32_t>(s.context(), s.at("a"), "Add", std::int32_t{1}, Any())).error();
  CHECK_MESSAGE(error, error.message());
  CHECK(error.action() == NoRetry);
}

TEST_CASE("[0-49] [0-53] a server hears nothing of a client that does not accept it, and the connection is closed") {
  ClientScene s;
  ScriptedPeer peer(s, "a");
  const Error error = s.now(s.add(s.at("a", "mallory"), CallOptions().no_retry())).error();
  CHECK_MESSAGE(verror::NotTrusted.matches(error), error.message());
  REQUIRE(error.sub_errors().size() == 1);
  const Error& refusal = error.sub_errors()[0].error;
  CHECK_MESSAGE(kPeerAuthorizedFailed.matches(refusal), refusal.message());
  CHECK(refusal.message().find("with the blessings alice") != std::string_view::npos);
  CHECK(refusal.sub_errors().size() == 1);
  CHECK(peer.flows.empty());
  s.advance(1s);
  CHECK(s.network->made("a") == 1);
  CHECK(s.network->open("a") == 0);
}

TEST_CASE("[0-54] [0-132] a call tells whom it was sent to: the names that count, those that do not, the blessings") {
  ClientScene s;
  s.serve("a");
  const auto client = calc::CalcClient(s.runtime(), s.at("a") + "/b/c");
  auto call = client.Add(s.context(), 1, 2);
  auto told = call.server();
  CHECK_FALSE(told.is_done());
  s.settle();
  REQUIRE(told.is_done());
  const auto server = told.get().value();
  CHECK(server.names.valid == std::vector<std::string>{"alice"});
  CHECK(server.names.rejected.empty());
  CHECK(server.blessings.public_key() == s.alice->public_key());
  CHECK(server.blessings.claimed_names() == std::vector<std::string>{"alice"});
  CHECK(server.suffix == "b/c");
  CHECK(server.endpoint.find("@local@a@") != std::string::npos);
  // After its end, too.
  CHECK(*call.get() == 3);
  CHECK(call.server().get()->names.valid == server.names.valid);

  // A stream tells it while it runs.
  auto centre = client.Centre(s.context());
  auto of_stream = centre.server();
  s.settle();
  REQUIRE(of_stream.is_done());
  CHECK(of_stream.get()->names.valid == server.names.valid);
}

TEST_CASE("[0-54] names that do not count are told with the reason") {
  ClientScene s;
  // The server shows a second name, which the client has no reason to believe.
  auto stranger = testing::stranger("bob");
  const auto bobs =
      stranger->bless(s.alice->public_key(), stranger->store().default_blessings(), "friend", unconstrained_use())
          .value();
  const auto both = union_of(std::vector<Blessings>{s.alice->store().default_blessings(), bobs}).value();
  s.alice->set_default_blessings(both).value();
  s.serve("a");
  auto call = s.add(s.at("a"));
  s.settle();
  const auto server = call.server().get().value();
  const bool is_believed = std::ranges::find(server.names.valid, "bob:friend") != server.names.valid.end();
  CHECK_FALSE(is_believed);
  CHECK(server.names.valid == std::vector<std::string>{"alice"});
  REQUIRE(server.names.rejected.size() == 1);
  CHECK(server.names.rejected[0].Blessing == "bob:friend");
  CHECK(server.blessings.claimed_names().size() == 2);
}

TEST_CASE("a call that reaches no server answers the question for it with its error") {
  ClientScene s;
  s.network->refuse("a");
  auto call = s.add(s.at("a"), CallOptions().no_retry());
  auto told = call.server();
  s.settle();
  REQUIRE(told.is_done());
  CHECK(verror::NoServers.matches(told.get().error()));
  CHECK(verror::NoServers.matches(call.server().get().error()));
  s.network->hold("b");
  auto cancelled = s.add(s.at("b"));
  auto waiting = cancelled.server();
  s.settle();
  cancelled.cancel();
  s.settle();
  REQUIRE(waiting.is_done());
  CHECK(verror::Canceled.matches(waiting.get().error()));
}

TEST_CASE("[1-38] generated clients can be made of an object that a client gives, with its options") {
  ClientScene s;
  s.serve("a");
  const auto error_of = [&](const Client& client) {
    return s.now(calc::CalcClient(client.object(s.at("a"))).Add(s.context(), 1, 2)).error();
  };
  const Client client(s.runtime(), CallOptions().no_retry());
  CHECK_FALSE(error_of(client));
  CHECK(verror::NotTrusted.matches(error_of(client.with(CallOptions().allowed_servers({BlessingPattern("bob")})))));
}

}  // namespace nb::rpc

// What a call does once its request was sent, row by row (docs/spec/rpc.md 15), against a server that writes raw
// values. Rows of which the generations of the reference think differently are shown for each of them.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <initializer_list>
#include <string>
#include <tuple>

#include <nb/base/verror.h>

#include "calc/calc.vdl.h"
#include "flow/errors.h"
#include "rpc/errors.h"
#include "rpc/network_mapping.h"
#include "rpc/testing/client_world.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::hex;
using testing::unhex;
using Rows = testing::ClientWorld;

constexpr std::array kEras{Era::kCurrent, Era::k2015, Era::k2014};

const Error& cause_of(const Error& error) {
  REQUIRE_MESSAGE(!error.sub_errors().empty(), error.message());
  return error.sub_errors().front().error;
}

bool says(const Error& error, std::string_view text) { return error.message().find(text) != std::string_view::npos; }

// Arguments of which the one at `bad` cannot be encoded.
class Unencodable final : public Values {
 public:
  Unencodable(std::size_t count, std::size_t bad) : refs_(count, ValueRef{&kValueOps<std::int32_t>, &value_}) {
    static constexpr ValueOps kNever{
        &Codec<std::int32_t>::type,
        [](vom::Encoder&, const void*) -> Result<void> { return verror::BadArg("no form"); }, nullptr};
    refs_[bad].ops = &kNever;
  }
  std::span<const ValueRef> refs() const override { return refs_; }

 private:
  const std::int32_t value_ = 7;
  std::vector<ValueRef> refs_;
};

std::shared_ptr<DoneState> send(Rows& w, const Values& item) {
  auto done = make_pending<DoneState>(w.home);
  w.machine->send(item, done);
  return done;
}

Result<void> close_send(Rows& w) {
  auto done = make_pending<DoneState>(w.home);
  w.machine->close_send(done);
  REQUIRE(done->is_done());
  return done->take();
}

v23::rpc::Response failed(Error error) {
  auto header = Rows::final_header(0);
  header.Error = std::move(error);
  return header;
}

Error network(RetryAction action, const Error& cause = Error()) {
  Error error(std::string(flow::kNetwork.id), action, "reset by peer");
  return cause ? error.with_sub_error("cause", cause) : error;
}

}  // namespace

TEST_CASE("[0-94][1-39] calls of a connection share its type flow, and their own flows carry values alone") {
  Rows w;
  w.machine->start(w.request("Move", 1), ValuesOf<calc::Point>(calc::Point(1, 2)), true);
  REQUIRE(w.connection->flows.size() == 2);
  // Request is type 41 of this flow and Point, which comes with it, the next one: types are on the other flow.
  const std::string bytes = hex(w.data().written.at(0));
  CHECK(bytes.starts_with("6481"));
  CHECK(bytes.find(hex(BytesView(reinterpret_cast<const std::uint8_t*>("calc.Point"), 10))) == std::string::npos);
  std::string types = hex(w.types().written.at(0));
  CHECK(types.starts_with("7481"));
  CHECK(types.find(hex(BytesView(reinterpret_cast<const std::uint8_t*>("calc.Point"), 10))) != std::string::npos);

  auto flow = *w.connection->open_flow();
  const auto second =
      std::make_shared<ClientMachine>(flow, *Peer::of(*w.connection).dialed(*w.connection), w.scope.context, [] {});
  second->start(w.request("Move", 1), ValuesOf<calc::Point>(calc::Point(1, 2)), true);
  CHECK(w.connection->flows.size() == 3);  // no second type flow
  CHECK(w.types().written.size() == 1);    // and no type twice
  CHECK(hex(w.connection->flows[2]->written.at(0)) == bytes);
}

TEST_CASE(
    "[0-95][1-40] a call that succeeds leaves its flow to the server; older clients close it and say if that fails") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    for (const bool broken : {false, true}) {
      CAPTURE(broken);
      Rows w(era);
      w.machine->start(w.request("Method"), ValuesOf<>(), true);
      vom::Encoder encoder(w.server_types);
      w.answer(encoder, Rows::final_header(1), std::uint32_t{9});
      if (broken) w.data().close_by_peer(network(NoRetry));
      const auto result = w.finish()->take();
      CHECK(w.data().closed_by_us == (era != Era::kCurrent));
      if (era == Era::kCurrent || !broken) {
        CHECK(*result == 9);
      } else {
        CHECK(verror::Internal.matches(result.error()));
        CHECK(result.error().sub_errors().front().name.starts_with("remote="));
        CHECK(says(result.error(), "reset by peer"));
      }
    }
  }
}

TEST_CASE("[0-96][0-131] success is success: the result is there, the call is over and the flow left to the server") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, Rows::final_header(1), std::uint32_t{7});
  CHECK(*result->take() == 7);
  CHECK(w.ended == 1);
  CHECK_FALSE(w.data().closed_by_us);
}

TEST_CASE("[0-97] Canceled stays as it is, also after the deadline") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  w.clock->advance(11s);
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, failed(verror::Canceled("by the server")));
  const Error error = result->take().error();
  CHECK(verror::Canceled.matches(error));
  CHECK(error.sub_errors().empty());
  CHECK(says(error, "by the server"));
}

TEST_CASE("[0-98] Timeout stays as it is, and becomes Canceled when the call was cancelled") {
  for (const bool cancelled : {false, true}) {
    CAPTURE(cancelled);
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), true);
    auto result = w.finish();
    if (cancelled) w.scope.canceler.cancel();
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, failed(verror::Timeout("the server's")));
    const Error error = result->take().error();
    CHECK(verror::Canceled.matches(error) == cancelled);
    CHECK(verror::Timeout.matches(cancelled ? cause_of(error) : error));
    if (cancelled) CHECK(error.sub_errors().front().name.starts_with("remote="));
  }
}

TEST_CASE("[0-99] any other error becomes Timeout or Canceled once the context has ended, with itself below") {
  for (const bool cancelled : {false, true}) {
    CAPTURE(cancelled);
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), true);
    auto result = w.finish();
    if (cancelled) {
      w.scope.canceler.cancel();
    } else {
      w.clock->advance(11s);
    }
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, failed(verror::NoExist("the account")));
    const Error error = result->take().error();
    CHECK((cancelled ? verror::Canceled : verror::Timeout).matches(error));
    CHECK(error.sub_errors().front().name.starts_with("remote="));
    CHECK(verror::NoExist.matches(cause_of(error)));
    CHECK(says(error, "the account"));
  }
}

TEST_CASE(
    "[0-100] errors about the coding of request, arguments, answer and results are BadProtocol with themselves below") {
  for (const StandardError* each :
       {&kRequestEncoding, &kArgEncoding, &kResponseDecoding, &kResultDecoding, &kBadNumInputArgs, &kBadInputArg}) {
    CAPTURE(each->id);
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), true);
    auto result = w.finish();
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, failed((*each)("why")));
    const Error error = result->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(each->matches(cause_of(error)));
  }
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  w.data().receive(unhex("81 00"));
  const Error error = result->take().error();
  CHECK(verror::BadProtocol.matches(error));
  CHECK(kResponseDecoding.matches(cause_of(error)));
}

TEST_CASE("[0-103] a request that cannot be written is BadProtocol around errRequestEncoding") {
  Rows w;
  w.data().closed_by_us = true;  // so it takes no writes any more
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  CHECK(w.data().written.empty());
  const Error error = w.finish()->take().error();
  CHECK(verror::BadProtocol.matches(error));
  CHECK(kRequestEncoding.matches(cause_of(error)));
  CHECK(error.action() == NoRetry);
}

TEST_CASE("[0-104] an argument that cannot be encoded is named by its index, and nothing of the call leaves") {
  Rows w;
  w.machine->start(w.request("Method", 3), Unencodable(3, 2), true);
  CHECK(w.data().written.empty());
  CHECK(w.data().closed_by_us);
  const Error error = w.finish()->take().error();
  CHECK(verror::BadProtocol.matches(error));
  CHECK(kArgEncoding.matches(cause_of(error)));
  CHECK(says(error, "argument 2"));
  CHECK(w.ended == 1);
}

TEST_CASE("[0-105][1-44] sending after close_send is Aborted, and does the call no harm") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  CHECK(close_send(w));
  CHECK(verror::Aborted.matches(w.send("late").error()));
  CHECK(w.data().written.size() == 2);  // the request, and the end of the stream
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, Rows::final_header(1), std::uint32_t{3});
  CHECK(*w.finish()->take() == 3);
}

TEST_CASE("[0-106][1-45] an item is a request of zeros and the item, in one payload") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  CHECK(w.send("one"));
  CHECK(w.send("two"));
  REQUIRE(w.data().written.size() == 3);
  CHECK(hex(w.data().written[1]) ==
        "5201e1"
        "06036f6e65");
  CHECK(hex(w.data().written[2]) ==
        "5201e1"
        "060374776f");
}

TEST_CASE(
    "[0-107][1-45] an item without a form is errArgEncoding and ends the call; a header that cannot leave "
    "errRequestEncoding") {
  SUBCASE("the item") {
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    const Error error = send(w, Unencodable(1, 0))->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(kArgEncoding.matches(cause_of(error)));
    CHECK(w.data().closed_by_us);
    CHECK(w.data().written.size() == 1);  // nothing of it
    CHECK(verror::BadProtocol.matches(w.finish()->take().error()));
  }
  SUBCASE("the header") {
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    w.data().close_by_peer(network(NoRetry));
    const Error error = w.send("one").error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(kRequestEncoding.matches(cause_of(error)));
    CHECK(says(error, "reset by peer"));
  }
  SUBCASE("the header, after a cancellation") {
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    w.data().close_by_peer();
    w.scope.canceler.cancel();
    CHECK(verror::Canceled.matches(w.send("one").error()));
  }
}

TEST_CASE("[0-108] a network error is taken off the error that it was made of") {
  const Error inner("v.io/v23/flow.Aborted", RetryRefetch, "borrowed too much");
  const Error mapped = map_network_error(network(NoRetry, network(NoRetry, inner)), Error(), Era::kCurrent);
  CHECK(mapped == inner);
}

TEST_CASE(
    "[0-109] a timeout of the network is Timeout, or Canceled after a cancellation; in 2015 temporary errors were, "
    "too") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    const Error timeout = network(NoRetry, verror::Timeout("no answer"));
    CHECK(verror::Timeout.matches(map_network_error(timeout, Error(), era)));
    CHECK(verror::Timeout.matches(map_network_error(timeout, verror::Timeout(), era)));
    CHECK(verror::Canceled.matches(map_network_error(timeout, verror::Canceled(), era)));

    const Error temporary = network(RetryBackoff);
    const Error mapped = map_network_error(temporary, Error(), era);
    CHECK(verror::Timeout.matches(mapped) == (era == Era::k2015));
    CHECK(flow::kNetwork.matches(mapped) == (era != Era::k2015));
    CHECK(verror::Canceled.matches(map_network_error(temporary, verror::Canceled(), era)) == (era == Era::k2015));
  }
}

TEST_CASE("[0-110] an error with an id keeps it and its action; one without is BadProtocol") {
  const Error known("v.io/v23/flow.Aborted", RetryRefetch, "text");
  CHECK(map_network_error(known, Error(), Era::kCurrent) == known);
  const Error mapped = map_network_error(verror::Unknown("text"), Error(), Era::kCurrent);
  CHECK(verror::BadProtocol.matches(mapped));
  CHECK(mapped.action() == NoRetry);
  CHECK(says(mapped, "text"));
  // And so callers of 2015 found it.
  Rows w(Era::k2015);
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  w.data().close_by_peer(network(NoRetry, known));
  const Error error = result->take().error();
  CHECK(error.is(known.id()));
  CHECK(error.action() == RetryRefetch);
  CHECK(kResponseDecoding.matches(cause_of(error)));
}

TEST_CASE(
    "[0-111][1-46] the end of a stream stays the end; an error that recv gave comes in a BadProtocol, in 2014 as it "
    "is") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    Rows ended(era);
    ended.machine->start(ended.request("Method"), ValuesOf<>(), false);
    vom::Encoder encoder(ended.server_types);
    ended.answer(encoder, Rows::final_header(1), std::uint32_t{1});
    CHECK(ended.recv()->take().at_end());
    CHECK(ended.recv()->take().at_end());

    Rows w(era);
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    vom::Encoder second(w.server_types);
    w.answer(second, failed(verror::NoExist("x")));
    CHECK(w.recv()->take().error());
    const Error again = w.recv()->take().error();
    CHECK(verror::NoExist.matches(again) == (era == Era::k2014));
    if (era != Era::k2014) {
      CHECK(verror::BadProtocol.matches(again));
      CHECK(verror::NoExist.matches(cause_of(again)));
    }
  }
}

TEST_CASE(
    "[0-112][1-47] a header that ends in its middle is BadProtocol around errResponseDecoding, and the flow is "
    "closed") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    Rows w(era);
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    auto item = w.recv();
    vom::Encoder encoder(w.server_types);
    REQUIRE(encoder.encode(v23::rpc::Response()));
    w.types().receive(w.server_types.take());
    Bytes header = encoder.take();
    header.pop_back();
    w.data().receive(header);
    CHECK_FALSE(item->is_done());
    w.data().close_by_peer();
    const Error error = item->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(kResponseDecoding.matches(cause_of(error)));
    CHECK(says(error, "in the middle"));
    CHECK(w.data().closed_by_us);
  }
}

TEST_CASE("[0-113][1-46] recv gives the server's error as it is; in 2015 in a BadProtocol") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    Rows w(era);
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, failed(verror::NoExist("x").with_action(RetryBackoff)));
    const Error error = w.recv()->take().error();
    CHECK(verror::NoExist.matches(error) == (era != Era::k2015));
    if (era == Era::k2015) {
      CHECK(verror::BadProtocol.matches(error));
      CHECK(verror::NoExist.matches(cause_of(error)));
    } else {
      CHECK(error.action() == RetryBackoff);
    }
  }
}

TEST_CASE("[0-114] the final header is the end for recv, and what stands in it and behind it is kept for finish") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, v23::rpc::Response(), std::int32_t{5}, Rows::final_header(1), std::uint32_t{6});
  CHECK(*w.recv()->take() == 5);
  CHECK(w.recv()->take().at_end());
  CHECK(*w.finish()->take() == 6);

  Rows wrong;
  wrong.machine->start(wrong.request("Method"), ValuesOf<>(), false);
  vom::Encoder second(wrong.server_types);
  wrong.answer(second, failed(verror::NoExist("kept")));
  CHECK(wrong.recv()->take().error());
  const Error error = wrong.finish()->take().error();
  CHECK(verror::NoExist.matches(error));
  CHECK(says(error, "kept"));
}

TEST_CASE("[0-115][1-47] an item of the wrong type ends the call, and every later recv and finish says so") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, v23::rpc::Response(), std::string("no number"), v23::rpc::Response(), std::int32_t{1});
  const Error first = w.recv()->take().error();
  CHECK(verror::BadProtocol.matches(first));
  CHECK(kResponseDecoding.matches(cause_of(first)));
  CHECK(w.data().closed_by_us);
  CHECK(verror::BadProtocol.matches(w.recv()->take().error()));  // not the item behind it
  CHECK(verror::BadProtocol.matches(w.finish()->take().error()));
}

TEST_CASE("[0-116] close_send sends one header, however often it is asked for, and finish sends no other") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  CHECK(close_send(w));
  CHECK(close_send(w));
  auto result = w.finish();
  REQUIRE(w.data().written.size() == 2);
  CHECK(hex(w.data().written[1]) == "52030301e1");
}

TEST_CASE(
    "[0-117][1-48] a close_send that cannot leave succeeds and the answer can be read; in 2014 it ended the call") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    Rows w(era);
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, Rows::final_header(1), std::uint32_t{4});
    w.data().close_by_peer();
    const auto closed = close_send(w);
    CHECK(w.data().written.size() == 1);
    if (era == Era::k2014) {
      CHECK(verror::BadProtocol.matches(closed.error()));
      CHECK(w.data().closed_by_us);
      CHECK(verror::BadProtocol.matches(close_send(w).error()));  // not marked as closed
      CHECK(w.finish()->take().error());
    } else {
      CHECK(closed);
      CHECK(verror::Aborted.matches(w.send("late").error()));  // it counts as closed
      CHECK(*w.finish()->take() == 4);
    }
  }
}

TEST_CASE("[0-119][1-49] a second finish is BadState with errFinishAlreadyCalled below") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  const Error twice = w.finish()->take().error();
  CHECK(verror::BadState.matches(twice));
  CHECK(kFinishAlreadyCalled.matches(cause_of(twice)));
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, Rows::final_header(1), std::uint32_t{4});
  CHECK(*result->take() == 4);  // the first one's
  CHECK(verror::BadState.matches(w.finish()->take().error()));
}

TEST_CASE(
    "[0-120][1-50] finish ends the client's stream, whether the server waits for that, has answered, or is in "
    "between") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  vom::Encoder encoder(w.server_types);
  SUBCASE("the server waits for the end") {
    auto result = w.finish();
    CHECK_FALSE(result->is_done());
    REQUIRE(w.data().written.size() == 2);
    CHECK(hex(w.data().written[1]) == "52030301e1");
    w.answer(encoder, Rows::final_header(1), std::uint32_t{1});
    CHECK(*result->take() == 1);
  }
  SUBCASE("the server has answered and closed the flow") {
    w.answer(encoder, Rows::final_header(1), std::uint32_t{2});
    w.data().close_by_peer();
    auto result = w.finish();
    CHECK(w.data().written.size() == 1);
    CHECK(*result->take() == 2);
  }
  SUBCASE("the answer is under way and the flow still open") {
    REQUIRE(encoder.encode(Rows::final_header(1)));
    REQUIRE(encoder.encode(std::uint32_t{3}));
    w.types().receive(w.server_types.take());
    const Bytes answer = encoder.take();
    w.data().receive(Bytes(answer.begin(), answer.begin() + 4));
    auto result = w.finish();
    CHECK_FALSE(result->is_done());
    w.data().receive(Bytes(answer.begin() + 4, answer.end()));
    w.data().close_by_peer();
    CHECK(*result->take() == 3);
  }
}

TEST_CASE("[0-121][1-51] finish reads a header unless recv has had the final one") {
  for (const bool by_recv : {false, true}) {
    CAPTURE(by_recv);
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), false);
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, Rows::final_header(1), std::uint32_t{8});
    if (by_recv) CHECK(w.recv()->take().at_end());
    CHECK(*w.finish()->take() == 8);
  }
}

TEST_CASE(
    "[0-122][1-51] a header that finish cannot read is BadProtocol around errResponseDecoding, and the flow is "
    "closed") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, std::string("no header"));
  const Error error = result->take().error();
  CHECK(verror::BadProtocol.matches(error));
  CHECK(kResponseDecoding.matches(cause_of(error)));
  CHECK(w.data().closed_by_us);
}

TEST_CASE("[0-123][1-51] finishing a stream that has items left is errRemaingStreamResults") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, v23::rpc::Response(), std::int32_t{1}, Rows::final_header(1), std::uint32_t{2});
  const Error error = w.finish()->take().error();
  CHECK(error.is("v.io/x/ref/runtime/internal/rpc.errRemaingStreamResults"));
  CHECK(w.data().closed_by_us);
}

TEST_CASE("[0-127] what a server says of number and types of arguments is BadProtocol, in every era") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    for (const Error& said :
         {kBadNumInputArgs("two, not one"), kBadInputArg("two, not one"),
          Error("badNumInputArgs", NoRetry, "two, not one"), Error("badInputArg", NoRetry, "two, not one")}) {
      CAPTURE(said.id());
      Rows w(era);
      w.machine->start(w.request("Method"), ValuesOf<>(), true);
      auto result = w.finish();
      vom::Encoder encoder(w.server_types);
      w.answer(encoder, failed(said));
      const Error error = result->take().error();
      CHECK(verror::BadProtocol.matches(error));
      CHECK(says(error, "two, not one"));
    }
  }
}

TEST_CASE(
    "[0-128][1-54] other errors of the server come with id, action, message and parameters, plain ones as Unknown") {
  Rows w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  vom::Encoder encoder(w.server_types);
  SUBCASE("declared") {
    const Error said = calc::DivideByZero(7).with_action(RetryBackoff);
    w.answer(encoder, failed(said));
    const Error error = result->take().error();
    CHECK(calc::DivideByZero.matches(error));
    CHECK(error.action() == RetryBackoff);
    CHECK(error.message() == said.message());
    REQUIRE(calc::DivideByZero.params(error));
    CHECK(std::get<0>(*calc::DivideByZero.params(error)) == 7);
  }
  SUBCASE("plain") {
    w.answer(encoder, failed(verror::Unknown("some text")));
    const Error error = result->take().error();
    CHECK(verror::Unknown.matches(error));
    CHECK(says(error, "some text"));
  }
}

TEST_CASE("[0-129][1-55] another number of results is BadProtocol with errMismatchedResults below, and none is read") {
  for (const std::size_t number : {0, 2}) {
    CAPTURE(number);
    Rows w;
    w.machine->start(w.request("Method"), ValuesOf<>(), true);
    auto result = w.finish();
    vom::Encoder encoder(w.server_types);
    w.answer(encoder, Rows::final_header(number));
    const Error error = result->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(kMismatchedResults.matches(cause_of(error)));
    CHECK(w.data().closed_by_us);
  }
}

TEST_CASE(
    "[0-130][1-55] the result that cannot be read is named by its index; a network error between results keeps its "
    "id") {
  for (const Era era : kEras) {
    CAPTURE(static_cast<int>(era));
    const auto finish_two = [](Rows& w) {
      auto result = make_pending<ResultState<std::tuple<std::uint32_t, std::uint32_t>>>(w.home);
      w.machine->finish(result);
      return result;
    };
    Rows wrong(era);
    wrong.machine->start(wrong.request("Method"), ValuesOf<>(), true);
    auto result = finish_two(wrong);
    vom::Encoder encoder(wrong.server_types);
    wrong.answer(encoder, Rows::final_header(2), std::uint32_t{1}, std::string("two"));
    Error error = result->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(kResultDecoding.matches(cause_of(error)));
    CHECK(says(error, "result 1"));

    Rows cut(era);
    cut.machine->start(cut.request("Method"), ValuesOf<>(), true);
    result = finish_two(cut);
    vom::Encoder second(cut.server_types);
    cut.answer(second, Rows::final_header(2), std::uint32_t{1});
    cut.data().close_by_peer(network(NoRetry));
    error = result->take().error();
    CHECK(flow::kNetwork.matches(error) == (era != Era::k2014));
    if (era == Era::k2014) CHECK(verror::BadProtocol.matches(error));
    CHECK(kResultDecoding.matches(cause_of(error)));
  }
}

}  // namespace nb::rpc

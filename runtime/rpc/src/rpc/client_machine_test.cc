// The bytes of docs/spec/rpc.md 3.1, and the rules of 4.8 that a real peer would not show.
#include "rpc/client_machine.h"

#include <doctest/doctest.h>

#include <nb/base/verror.h>

#include "rpc/errors.h"
#include "rpc/testing/client_world.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::hex;
using testing::unhex;
using World = testing::ClientWorld;

}  // namespace

TEST_CASE("rpc.md 3.1: request, arguments and the end of the stream leave in one payload, types before them") {
  World w;
  auto request = w.request("Method", 2);
  // 9 s and a bit, as in the transcript: fc76e2e406 is the nanoseconds' zigzag form.
  request.Deadline = Deadline::after(9s + std::chrono::nanoseconds(997290499));
  for (std::size_t i = 0; i < 16; ++i) {
    request.TraceRequest.SpanId[i] = static_cast<std::uint8_t>(i + 1);
    request.TraceRequest.TraceId[i] = static_cast<std::uint8_t>(0xf0 + i);
  }
  w.machine->start(request, ValuesOf<std::int32_t, std::string>(1, "a"), true);

  REQUIRE(w.data().written.size() == 1);
  const std::string bytes = hex(w.data().written[0]);
  CHECK(bytes ==
        "6481"
        "523d01064d6574686f6402020400001201fc76e2e406e1e106"
        "0000"
        "0102030405060708090a0b0c0d0e0f10"
        "0100"
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        "e1e1"
        "1002"
        "060161"
        "52030301e1");
  REQUIRE(w.types().written.size() == 1);
  CHECK(hex(w.types().written[0]).starts_with("7481"));
  CHECK(w.types().id() == 12);
}

TEST_CASE("rpc.md 3.1: a stream item is a zero request and the item; the end of the stream has its own header") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  CHECK(w.send("one"));
  auto result = w.finish();
  REQUIRE(w.data().written.size() == 3);
  CHECK(hex(w.data().written[1]) ==
        "5201e1"
        "06036f6e65");
  CHECK(hex(w.data().written[2]) == "52030301e1");
  CHECK(nb::verror::Aborted.matches(w.send("two").error()));
  CHECK(w.data().written.size() == 3);
}

TEST_CASE("rpc.md 3.1: the answer of a Go server is understood, and types may come after the values that need them") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  w.data().receive(unhex("81 52 00 00 05 01 01 02 01 e1 0a 7b"));
  CHECK_FALSE(result->is_done());
  vom::Encoder encoder(w.server_types);
  REQUIRE(encoder.encode(v23::rpc::Response()));
  w.types().receive(w.server_types.take());
  REQUIRE(result->is_done());
  CHECK(*result->take() == 123);
  CHECK(w.ended == 1);
  CHECK_FALSE(w.data().closed_by_us);  // after success the server closes
}

TEST_CASE("stream items come in order, then the end, which stays, then the results") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  auto first = w.recv();
  auto second = w.recv();
  auto third = w.recv();
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, v23::rpc::Response(), std::int32_t{1});
  CHECK(*first->take() == 1);
  w.answer(encoder, v23::rpc::Response(), std::int32_t{2}, World::final_header(1), std::uint32_t{9});
  CHECK(*second->take() == 2);
  CHECK(third->take().at_end());
  CHECK(w.recv()->take().at_end());
  CHECK(*w.finish()->take() == 9);
}

TEST_CASE("finishing before all items were received is an error, and so is finishing twice") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  auto result = w.finish();
  auto again = w.finish();
  REQUIRE(again->is_done());
  const Error twice = again->take().error();
  CHECK(verror::BadState.matches(twice));
  CHECK(kFinishAlreadyCalled.matches(twice.sub_errors().front().error));
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, v23::rpc::Response(), std::int32_t{1});
  CHECK(kRemainingStreamResults.matches(result->take().error()));
  CHECK(w.data().closed_by_us);
}

TEST_CASE("an error of the server reaches recv as it is, once, and finish as it is") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  vom::Encoder encoder(w.server_types);
  auto item = w.recv();
  auto header = World::final_header(0);
  header.Error = verror::NoExist("x");
  w.answer(encoder, header);
  CHECK(verror::NoExist.matches(item->take().error()));
  CHECK(verror::BadProtocol.matches(w.recv()->take().error()));
  CHECK(verror::NoExist.matches(w.finish()->take().error()));
}

TEST_CASE(
    "what a server says of the number and types of arguments is BadProtocol, with its id and with Go's short one") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  vom::Encoder encoder(w.server_types);
  auto header = World::final_header(0);
  SUBCASE("its id") { header.Error = kBadNumInputArgs("one, not two"); }
  SUBCASE("Go's short one for the number") { header.Error = Error("badNumInputArgs", NoRetry, "one, not two"); }
  SUBCASE("Go's short one for the type") { header.Error = Error("badInputArg", NoRetry, "one, not two"); }
  w.answer(encoder, header);
  const Error error = result->take().error();
  CHECK(verror::BadProtocol.matches(error));
  CHECK(error.message().find("one, not two") != std::string_view::npos);
}

TEST_CASE("the wrong number or types of results are BadProtocol with different texts") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  vom::Encoder encoder(w.server_types);
  SUBCASE("number") {
    w.answer(encoder, World::final_header(2), std::uint32_t{1}, std::uint32_t{2});
    const Error error = result->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(error.message().find("2 results") != std::string_view::npos);
  }
  SUBCASE("type") {
    w.answer(encoder, World::final_header(1), std::string("text"));
    const Error error = result->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(error.message().find("result 0") != std::string_view::npos);
  }
}

TEST_CASE("garbage and early ends are BadProtocol; near the deadline an early end is Timeout") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  SUBCASE("garbage") {
    w.data().receive(unhex("81 00"));
    CHECK(verror::BadProtocol.matches(result->take().error()));
    CHECK(w.data().closed_by_us);
  }
  SUBCASE("closed without an answer") {
    w.data().close_by_peer();
    const Error error = result->take().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(error.message().find("without an answer") != std::string_view::npos);
  }
  SUBCASE("connection lost") {
    w.data().receive(unhex("81"));
    w.data().close_by_peer(Error("v.io/v23/flow.Network", NoRetry, "reset by peer"));
    CHECK(result->take().error().message().find("connection lost: reset by peer") != std::string_view::npos);
  }
  SUBCASE("just before the deadline") {
    w.clock->advance(9980ms);
    w.data().close_by_peer();
    CHECK(verror::Timeout.matches(result->take().error()));
  }
}

TEST_CASE("whatever fails after the context has ended is Canceled or Timeout, with what failed behind it") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), true);
  auto result = w.finish();
  SUBCASE("cancelled beats the end of the flow") {
    w.scope.canceler.cancel();
    w.data().close_by_peer();
    const Error error = result->take().error();
    CHECK(verror::Canceled.matches(error));
    REQUIRE(error.sub_errors().size() == 1);
    CHECK(error.sub_errors().front().name.starts_with("remote="));
  }
  SUBCASE("the end of the context alone closes the flow") {
    w.machine->end(verror::Canceled());
    CHECK(verror::Canceled.matches(result->take().error()));
    CHECK(w.data().closed_by_us);
    CHECK(w.ended == 1);
  }
}

TEST_CASE("sent items are done at once while little of them waits, and then when flow control has let them go") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  const std::string half(16 * 1024 - 100, 'x');
  const auto send = [&w, &half] {
    auto done = make_pending<DoneState>(w.home);
    w.machine->send(ValuesOf<std::string>(half), done);
    return done;
  };
  CHECK(send()->take());
  CHECK(send()->take());
  auto third = send();
  auto fourth = send();
  CHECK_FALSE(third->is_done());
  w.data().drain();
  CHECK(third->take());
  CHECK(fourth->take());
  CHECK(send()->take());
}

TEST_CASE("a sender without end waits, and hears that the call is over, also when its flow holds nothing back") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  w.data().held_back = 0;
  std::shared_ptr<DoneState> done;
  int sent = 0;
  do {
    done = make_pending<DoneState>(w.home);
    w.machine->send(ValuesOf<std::string>(std::string(1000, 'x')), done);
  } while (done->is_done() && ++sent < 1000);
  CHECK(sent < 40);
  w.machine->end(verror::Canceled());
  CHECK(verror::Canceled.matches(done->take().error()));
}

TEST_CASE("bytes that nobody asks for are not given back to flow control") {
  World w;
  w.machine->start(w.request("Method"), ValuesOf<>(), false);
  vom::Encoder encoder(w.server_types);
  w.answer(encoder, v23::rpc::Response(), std::int32_t{1}, v23::rpc::Response(), std::int32_t{2});
  CHECK(w.data().consumed_bytes == 0);
  auto first = w.recv();
  CHECK(*first->take() == 1);
  const std::size_t one = w.data().consumed_bytes;
  CHECK(one > 0);
  auto second = w.recv();
  CHECK(w.data().consumed_bytes > one);
}

}  // namespace nb::rpc

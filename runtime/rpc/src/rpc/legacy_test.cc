// Headers and blessings of calls before 2016. There are no recordings to compare with: the bytes are those of the
// layout in docs/spec/rpc.md.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include <nb/base/verror.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>

#include "rpc/legacy_blessings.h"
#include "rpc/legacy_request.h"
#include "rpc/testing/client_world.h"
#include "rpc/testing/family.h"

namespace nb::rpc {
namespace {

using testing::hex;
using testing::stranger;

LegacyCall call_with_everything() {
  LegacyCall call;
  call.suffix = "a/b";
  call.method = "Get";
  call.timeout_ns = -5;
  call.trace.SpanId[0] = 1;
  call.trace.TraceId[0] = 2;
  call.granted = stranger("alice")->store().default_blessings().wire();
  for (const char* id : {"first", "second"}) {
    v23::security::PublicKeyDischarge discharge;
    discharge.ThirdPartyCaveatId = id;
    call.discharges.push_back(v23::security::WireDischarge::PublicKey(discharge));
  }
  return call;
}

}  // namespace

TEST_CASE("[0-101] a client of 2015 sends its blessings until they are acknowledged, and then their key alone") {
  const auto alice = stranger("alice");
  const Blessings mine = alice->store().default_blessings();
  const Blessings other = alice->bless_self("other").value();
  LegacyClientBlessings client;
  const auto first = client.to_send(mine).value();
  CHECK(first.Key == 1);
  CHECK(first.Blessings == mine.wire());
  CHECK(client.to_send(mine).value() == first);  // not acknowledged yet
  CHECK(client.to_send(other).value().Key == 2);
  client.acknowledge(mine);
  CHECK(client.to_send(mine).value().Key == 1);
  CHECK_FALSE(client.to_send(mine).value().Blessings);
  CHECK(client.to_send(other).value().Blessings);
  CHECK(client.to_send(Blessings()).value() == ::legacy::BlessingsRequest());

  auto modern = Principal::make(KeyType::kEd25519).value();
  CHECK(verror::BadArg.matches(client.to_send(modern->bless_self("modern").value()).error()));
}

TEST_CASE("[0-101][0-124] the server of 2015 knows them again, and answers that it does") {
  const auto alice = stranger("alice");
  const Blessings mine = alice->store().default_blessings();
  LegacyClientBlessings client;
  LegacyServerBlessings server(alice->public_key());
  v23::rpc::Response answer;
  for (int i = 0; i < 3; ++i) {
    const auto request = client.to_send(mine).value();
    CHECK(request.Blessings.has_value() == (i == 0));
    const auto taken = server.take(request);
    REQUIRE(taken);
    CHECK(*taken == mine);
    answer.AckBlessings = !taken->is_zero();
    if (answer.AckBlessings) client.acknowledge(mine);
  }
  CHECK(server.take(::legacy::BlessingsRequest())->is_zero());

  SUBCASE("a key that nobody has said") {
    ::legacy::BlessingsRequest unknown;
    unknown.Key = 9;
    CHECK(server.take(unknown).error().is("v.io/x/ref/runtime/internal/rpc.blessingsKey"));
  }
  SUBCASE("other blessings under a known key") {
    ::legacy::BlessingsRequest other;
    other.Key = 1;
    other.Blessings = alice->bless_self("other").value().wire();
    CHECK(server.take(other).error().is("v.io/x/ref/runtime/internal/rpc.invalidClientBlessings"));
    other.Blessings = mine.wire();
    CHECK(*server.take(other) == mine);  // the same ones again will do
  }
  SUBCASE("somebody else's blessings") {
    ::legacy::BlessingsRequest stolen;
    stolen.Key = 2;
    stolen.Blessings = stranger("bob")->store().default_blessings().wire();
    CHECK(verror::NoAccess.matches(server.take(stolen).error()));
  }
  SUBCASE("blessings that are none") {
    ::legacy::BlessingsRequest broken;
    broken.Key = 2;
    broken.Blessings = mine.wire();
    broken.Blessings->CertificateChains[0][0].Extension = "mallory";
    CHECK(server.take(broken).error().is("v.io/x/ref/runtime/internal/rpc.invalidClientBlessings"));
  }
}

TEST_CASE("[1-41] the header of 2014 holds suffix, method, counts, the timeout in nanoseconds and the trace") {
  vom::TypeEncoder types;
  vom::Encoder encoder(types);
  LegacyCall call;
  call.suffix = "a/b";
  call.method = "Get";
  call.timeout_ns = 3'000'000'000;
  const ValuesOf<std::int32_t> arguments(7);
  REQUIRE(write_legacy_call(call, arguments.refs(),
                            [&encoder](const ValueRef& value) { return value.ops->encode(encoder, value.value); }));
  // Suffix "a/b", Method "Get", NumPosArgs 1, Timeout 3e9 (zigzag 6e9: five bytes); then int32(7).
  CHECK(hex(encoder.take()) ==
        "81"
        "5214"
        "0003612f62"
        "0103476574"
        "0201"
        "04fb0165a0bc00"
        "e1"
        "100e");
}

TEST_CASE("[1-42] behind it come the granted blessing, the discharges and the arguments, each a value of its own") {
  vom::TypeEncoder types;
  vom::Encoder encoder(types);
  const LegacyCall call = call_with_everything();
  const ValuesOf<std::string> arguments("key");
  std::vector<Type> order;
  REQUIRE(write_legacy_call(call, arguments.refs(), [&](const ValueRef& value) {
    order.push_back(value.ops->type());
    return value.ops->encode(encoder, value.value);
  }));
  CHECK(order == std::vector<Type>{Codec<::legacy::Request2014>::type(), Codec<v23::security::WireBlessings>::type(),
                                   Codec<v23::security::WireDischarge>::type(),
                                   Codec<v23::security::WireDischarge>::type(), Codec<std::string>::type()});

  vom::TypeDecoder known;
  REQUIRE(known.feed(types.take()));
  vom::Decoder decoder(known);
  decoder.feed(encoder.take());
  LegacyCall read;
  CHECK(read_legacy_call(decoder, read).value_or(0) == 1);
  CHECK(read.suffix == "a/b");
  CHECK(read.method == "Get");
  CHECK(read.timeout_ns == -5);
  CHECK(read.trace == call.trace);
  CHECK(read.granted == call.granted);
  CHECK(read.discharges == call.discharges);
  std::string argument;
  REQUIRE(decoder.step().kind == vom::Step::kValue);
  CHECK(decoder.read(argument));
  CHECK(argument == "key");
}

TEST_CASE("[1-43] a part that cannot be written is BadProtocol, which names it") {
  const ValuesOf<std::int32_t, std::int32_t> arguments(1, 2);
  const LegacyCall call = call_with_everything();
  const std::vector<std::string> parts{"the request",      "the granted blessing", "discharge first",
                                       "discharge second", "argument 0",           "argument 1"};
  for (std::size_t bad = 0; bad < parts.size(); ++bad) {
    CAPTURE(parts[bad]);
    std::size_t count = 0;
    const auto written = write_legacy_call(call, arguments.refs(), [&](const ValueRef&) -> Result<void> {
      if (count++ == bad) return verror::Internal("no room");
      return {};
    });
    CHECK(verror::BadProtocol.matches(written.error()));
    CHECK(written.error().message().find("encode " + parts[bad] + ":") != std::string_view::npos);
    CHECK(written.error().message().find("no room") != std::string_view::npos);
    CHECK(count == bad + 1);  // nothing behind it
  }
}

}  // namespace nb::rpc

// What a call ends in when none of the servers will do: docs/spec/rpc.md 4.9.
#include "rpc/connect_failure.h"

#include <doctest/doctest.h>

#include <nb/base/verror.h>

#include "rpc/errors.h"
#include "transport/errors.h"

namespace nb::rpc {
namespace {

ConnectFailure failure(const std::vector<Error>& errors, const Error& context_error = Error(),
                       const ClientPolicy& policy = ClientPolicy()) {
  std::vector<ServerFailure> failures;
  for (const Error& each : errors) failures.emplace_back("/s" + std::to_string(failures.size()), each);
  return connect_failure("name", "Method", failures, context_error, policy, "; advice");
}

const Error kRefused = transport::dial_failed("refused");
const Error kUnknownHost = transport::resolve_failed("no such host");
const Error kBroken = transport::network_error("broken");
const Error kUntrusted = wrap(verror::NotTrusted, kPeerAuthorizedFailed());
const Error kSlow = verror::Timeout("slow");
const Error kOdd = verror::BadState("odd");

}  // namespace

TEST_CASE("[0-43] a failure is named by server and method, and by the name where that is another one") {
  CHECK(failure_name("/host:1/a", "/host:1/a", "Get") == "/host:1/a.Get");
  CHECK(failure_name("/host:1/a", "shop/a", "Get") == "/host:1/a:shop/a.Get");
  CHECK(failure_name("", "", "Get") == ".Get");
}

TEST_CASE("[0-82] failures of several kinds end in NoServers, and may be tried again") {
  const ConnectFailure mixed = failure({kRefused, kOdd});
  CHECK(verror::NoServers.matches(mixed.error));
  CHECK(mixed.error.action() == RetryRefetch);
  CHECK(mixed.action == RetryRefetch);
}

TEST_CASE("[0-83] a server that is not trusted makes it NotTrusted, and this call tries no more") {
  for (const auto& errors : {std::vector{kUntrusted, kRefused}, std::vector{kRefused, kUntrusted},
                             std::vector{kPeerAuthorizedFailed(), kOdd}}) {
    const ConnectFailure refused = failure(errors);
    CHECK(verror::NotTrusted.matches(refused.error));
    CHECK(refused.action == NoRetry);
    CHECK(refused.error.message().find("; advice") != std::string_view::npos);
  }
  CHECK(failure({kRefused}).error.message().find("; advice") == std::string_view::npos);
}

TEST_CASE("[0-53] a server that was refused is a sub-error with the id of the refusal, and the cause below it") {
  const Error refusal = kPeerAuthorizedFailed("with the blessings bob: no").with_sub_error("cause", kOdd);
  const Error error = failure({verror::NotTrusted("dialing x").with_sub_error("authorizer", refusal)}).error;
  REQUIRE(error.sub_errors().size() == 1);
  CHECK(error.sub_errors()[0].error == refusal);
  CHECK(error.message().find("bob") != std::string_view::npos);
}

TEST_CASE("of a time-out and missing trust the last one names the error, and missing trust ends the retries") {
  CHECK(verror::Timeout.matches(failure({kSlow}).error));
  CHECK(failure({kSlow}).action == RetryRefetch);
  CHECK(verror::Timeout.matches(failure({kUntrusted, kSlow}).error));
  CHECK(failure({kUntrusted, kSlow}).action == NoRetry);
  CHECK(verror::NotTrusted.matches(failure({kSlow, kUntrusted}).error));
}

TEST_CASE("[0-84] when only the network failed it is NoServers, or BadProtocol where the policy is that of 2015") {
  const std::vector<Error> network = {kRefused, kUnknownHost, kBroken};
  CHECK(verror::NoServers.matches(failure(network).error));
  const ConnectFailure old = failure(network, Error(), ClientPolicy::of_2015());
  CHECK(verror::BadProtocol.matches(old.error));
  CHECK(old.action == RetryRefetch);
  CHECK(verror::NoServers.matches(failure({kRefused, kOdd}, Error(), ClientPolicy::of_2015()).error));
  CHECK(verror::NotTrusted.matches(failure({kUntrusted, kRefused}, Error(), ClientPolicy::of_2015()).error));
  CHECK(verror::Timeout.matches(failure({kSlow, kRefused}, Error(), ClientPolicy::of_2015()).error));
  CHECK(verror::NoServers.matches(failure(network, Error(), ClientPolicy::of_2014()).error));
}

TEST_CASE("[0-85] every failure is a sub-error, in the order of the servers, and its text is in the message") {
  const Error error = failure({kRefused, kOdd, kBroken}).error;
  REQUIRE(error.sub_errors().size() == 3);
  const std::vector<Error> expected = {kRefused, kOdd, kBroken};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(error.sub_errors()[i].name == "/s" + std::to_string(i) + ":name.Method");
    CHECK(error.sub_errors()[i].error == expected[i]);
  }
  CHECK(error.message() ==
        "no usable servers found: for name [/s0:name.Method: refused] [/s1:name.Method: invalid state: odd] "
        "[/s2:name.Method: broken]");
}

TEST_CASE("the end of the context counts before everything else") {
  const ConnectFailure cancelled = failure({kUntrusted}, verror::Canceled());
  CHECK(verror::Canceled.matches(cancelled.error));
  CHECK(cancelled.action == NoRetry);
  CHECK(cancelled.error.sub_errors().size() == 1);
  CHECK(verror::Timeout.matches(failure({}, verror::Timeout()).error));
}

TEST_CASE("[1-11] of the ways in which servers fail, only missing trust keeps the name from being tried again") {
  CHECK(failure({kUntrusted}).action == NoRetry);
  for (const Error& why : {kRefused, kUnknownHost, kBroken, kSlow, kOdd, kTypeFlowFailure()}) {
    CAPTURE(why.message());
    CHECK(failure({why}).action == RetryRefetch);
    CHECK(failure({why}, verror::Timeout()).action == NoRetry);
    CHECK(failure({why}, verror::Canceled()).action == NoRetry);
  }
}

}  // namespace nb::rpc

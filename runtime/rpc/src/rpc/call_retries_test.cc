// Which failed calls are tried again, how long, and which options go together: docs/spec/rpc.md 4.2 and 4.11.
#include "rpc/call_retries.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include <nb/base/verror.h>

#include "transport/errors.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

const Clock::Steady kNow{10h};

void lowest(std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{0}); }

bool is_refused(const CallOptions& options, std::string_view word) {
  const auto checked = check_options(options);
  return !checked && verror::BadArg.matches(checked.error()) &&
         checked.error().message().find(word) != std::string_view::npos;
}

}  // namespace

TEST_CASE("[0-24] [0-25] [1-15] retries end with the context, and without a deadline after a minute") {
  CHECK(CallRetries(CallOptions(), kNow + 5s, kNow).deadline() == kNow + 5s);
  CHECK(CallRetries(CallOptions(), kNow + 5h, kNow).deadline() == kNow + 5h);
  CHECK(CallRetries(CallOptions(), std::nullopt, kNow).deadline() == kNow + 1min);
}

TEST_CASE("of the connection time-out and the context's deadline the earlier one ends the retries") {
  const auto options = CallOptions().connection_timeout(3s);
  CHECK(CallRetries(options, kNow + 5s, kNow).deadline() == kNow + 3s);
  CHECK(CallRetries(options, kNow + 2s, kNow).deadline() == kNow + 2s);
  CHECK(CallRetries(options, std::nullopt, kNow).deadline() == kNow + 3s);
  CHECK(CallRetries(CallOptions().connection_timeout(2min), std::nullopt, kNow).deadline() == kNow + 2min);
  CHECK(CallOptions().connection_timeout(3s).connection_timeout(2s).connection_timeout(4s).connection_timeout() == 2s);
  CHECK(CallRetries(CallOptions().connection_timeout(std::chrono::nanoseconds::max()), std::nullopt, kNow).deadline() >
        kNow + 24h);
}

TEST_CASE("[0-26] the retry time-out counts in place of the context's deadline and of the default") {
  const auto options = CallOptions().retry_timeout(5s);
  CHECK(CallRetries(options, kNow + 1s, kNow).deadline() == kNow + 5s);
  CHECK(CallRetries(options, kNow + 1h, kNow).deadline() == kNow + 5s);
  CHECK(CallRetries(options, std::nullopt, kNow).deadline() == kNow + 5s);
  CHECK(CallRetries(CallOptions().connection_timeout(2s).retry_timeout(5s), std::nullopt, kNow).deadline() ==
        kNow + 5s);
  // A dial that is under way is not cut short by it.
  CHECK_FALSE(CallRetries(options, std::nullopt, kNow).dial_deadline());
  CHECK(CallRetries(CallOptions(), kNow + 5s, kNow).dial_deadline() == kNow + 5s);
}

TEST_CASE("[0-27] nothing is tried again when retries are forbidden, by no_retry or a time-out of zero [1-16]") {
  for (const auto& options :
       {CallOptions().no_retry(), CallOptions().retry_timeout(0s), CallOptions().connection_timeout(0s)}) {
    const CallRetries retries(options, kNow + 1h, kNow);
    CHECK_FALSE(retries.may_call_again(RetryBackoff, kNow));
    CHECK_FALSE(retries.may_connect_again(RetryRefetch, kNow));
  }
}

TEST_CASE("[0-28] [0-31] until the deadline a retry may begin, and after it none") {
  const CallRetries retries(CallOptions(), kNow + 5s, kNow);
  for (const auto& [now, may] : {std::pair(kNow, true), std::pair(kNow + 5s, true), std::pair(kNow + 5001ms, false)}) {
    CHECK(retries.may_call_again(RetryBackoff, now) == may);
    CHECK(retries.may_connect_again(RetryRefetch, now) == may);
    CHECK(retries.may_connect_again(RetryConnection, now) == may);
  }
}

TEST_CASE("[0-22] [0-30] each loop has its own actions: the call is repeated only when the server has asked for that") {
  const CallRetries retries(CallOptions(), std::nullopt, kNow);
  struct Row {
    RetryAction action;
    bool connects;
    bool calls;
  };
  for (const Row& row : {Row{NoRetry, false, false}, Row{RetryConnection, true, false}, Row{RetryRefetch, true, false},
                         Row{RetryBackoff, false, true}}) {
    CAPTURE(static_cast<int>(row.action));
    CHECK(retries.may_connect_again(row.action, kNow) == row.connects);
    CHECK(retries.may_call_again(row.action, kNow) == row.calls);
  }
}

TEST_CASE("both loops count for themselves, and connecting begins anew with each repetition of the call") {
  CallRetries retries(CallOptions(), kNow + 1h, kNow);
  CHECK(*retries.connect_delay(kNow, lowest) == 100ms);
  CHECK(*retries.connect_delay(kNow, lowest) == 200ms);
  CHECK(*retries.call_delay(kNow, lowest) == 100ms);
  CHECK(*retries.connect_delay(kNow, lowest) == 100ms);
  CHECK(*retries.call_delay(kNow, lowest) == 200ms);
  // Refused delays do not count.
  CHECK_FALSE(retries.call_delay(kNow + 1h, lowest));
  CHECK(*retries.call_delay(kNow, lowest) == 400ms);
}

TEST_CASE("what an earlier try failed with says more than the time-out that came of it") {
  const Error refused = transport::dial_failed("refused");
  CHECK(rather_than_timeout(verror::Timeout(), refused).is(refused.id()));
  CHECK(verror::Timeout.matches(rather_than_timeout(verror::Timeout(), Error())));
  CHECK(verror::Canceled.matches(rather_than_timeout(verror::Canceled(), refused)));
}

TEST_CASE("options that contradict each other are refused with their names") {
  CHECK(check_options(CallOptions()));
  CHECK(check_options(CallOptions().no_retry().retry_timeout(0s)));
  CHECK(check_options(CallOptions().connection_timeout(0s).retry_timeout(0s)));
  CHECK(check_options(CallOptions().connection_timeout(1s).retry_timeout(2s)));
  CHECK(is_refused(CallOptions().no_retry().retry_timeout(1s), "no_retry()"));
  CHECK(is_refused(CallOptions().connection_timeout(0s).retry_timeout(1s), "connection_timeout(0)"));
  CHECK(is_refused(CallOptions().connection_timeout(-1s), "connection_timeout()"));
  CHECK(is_refused(CallOptions().retry_timeout(-1s), "retry_timeout()"));
  CHECK(is_refused(CallOptions().channel_timeout(-1s), "channel_timeout()"));
  ClientPolicy policy;
  policy.longest_delay = 0s;
  CHECK(is_refused(CallOptions().policy(policy), "longest_delay"));
  policy = ClientPolicy();
  policy.reserve = -1ms;
  CHECK(is_refused(CallOptions().policy(policy), "reserve"));
}

TEST_CASE("a call that says how long to try is not bound by what its client says of that") {
  const auto patient = CallOptions().retry_timeout(1h);
  CHECK(CallOptions().over(patient).retry_timeout() == 1h);
  CHECK_FALSE(CallOptions().connection_timeout(0s).over(patient).retry_timeout());
  CHECK_FALSE(CallOptions().no_retry().over(patient).retry_timeout());
  CHECK_FALSE(CallOptions().retry_timeout(1s).over(CallOptions().connection_timeout(0s)).connection_timeout());
}

}  // namespace nb::rpc

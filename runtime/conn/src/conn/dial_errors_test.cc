#include "conn/dial_errors.h"

#include <string>

#include <doctest/doctest.h>

#include "transport/errors.h"

using namespace nb::conn;
using namespace std::chrono_literals;

TEST_CASE("[F-6] the error of a failed dial is remembered for five minutes, or until a connection is made") {
  DialErrors errors;
  const nb::Clock::Steady start{};
  const CacheKey a = address_key("tcp", "a:1");
  const CacheKey b = address_key("tcp", "b:1");
  CHECK(!errors.find(a, start));
  errors.remember({a, b}, nb::transport::dial_failed("first"), start);
  errors.remember({a}, nb::transport::dial_failed("second"), start + 1min);
  CHECK(errors.find(a, start + 1min).message() == "second");
  CHECK(errors.find(b, start + 5min).message() == "first");
  CHECK(!errors.find(b, start + 5min + 1s));
  CHECK(errors.find(a, start + 6min).message() == "second");
  errors.forget(a);
  CHECK(!errors.find(a, start + 1min));
}

TEST_CASE("of more failed dials than the limit the latest are remembered") {
  DialErrors errors;
  const nb::Clock::Steady start{};
  const auto key = [](std::size_t i) { return address_key("tcp", "a:" + std::to_string(i)); };
  for (std::size_t i = 0; i < DialErrors::kMost + 10; ++i) {
    errors.remember({key(i)}, nb::transport::dial_failed("no"), start);
  }
  CHECK(errors.size() == DialErrors::kMost);
  CHECK(!errors.find(key(9), start));
  CHECK(errors.find(key(10), start));
  // Old ones go by themselves.
  errors.remember({key(0)}, nb::transport::dial_failed("no"), start + 10min);
  CHECK(errors.size() == 1);
}

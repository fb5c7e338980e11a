#include <nb/base/result.h>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using nb::Error;
using nb::Result;

namespace {
Result<int> half(int n) {
  if (n % 2 != 0) return Error("p.Odd", nb::NoRetry, "odd");
  return n / 2;
}
}  // namespace

TEST_CASE("a result is a value or an error") {
  CHECK(half(4).ok());
  CHECK(*half(4) == 2);
  CHECK(half(4).error().id() == "");
  CHECK_FALSE(half(3));
  CHECK(half(3).error().is("p.Odd"));
  CHECK(half(3).value_or(7) == 7);
}

TEST_CASE("and_then and transform pass an error through") {
  CHECK(*half(8).and_then(half) == 2);
  CHECK(half(6).and_then(half).error().is("p.Odd"));
  CHECK(*half(8).transform([](int n) { return std::to_string(n); }) == "4");
}

TEST_CASE("value() is the one thing that throws") {
  CHECK_THROWS_AS(half(3).value(), nb::BadResult);
  CHECK(half(2).value() == 1);
  Result<void> failed = Error("p.A", nb::NoRetry, "a");
  CHECK_THROWS_AS(failed.value(), nb::BadResult);
}

TEST_CASE("a result can hold a value that only moves") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  std::unique_ptr<int> taken = *std::move(result);
  CHECK(*taken == 3);
}

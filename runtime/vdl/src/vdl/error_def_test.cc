#include <doctest/doctest.h>

#include <string>

#include <nb/vdl/codec.h>

using namespace nb;

namespace {
constexpr ErrorDef<std::int32_t> DivideByZero{
    "calc.DivideByZero", NoRetry, "{dividend} cannot be divided by zero", {"dividend"}};
constexpr ErrorDef<std::string, Any> TooMany{
    "calc.TooMany", RetryBackoff, "{who} wants {what}, {}, {who}", {"who", "what"}};
constexpr ErrorDef<> Plain{"calc.Plain", RetryRefetch, "plain"};
constexpr ErrorDef<std::optional<Error>> Wrapped{"calc.Wrapped", NoRetry, "because: {cause}", {"cause"}};
}  // namespace

TEST_CASE("a declared error is made, recognised and taken apart") {
  const Error error = DivideByZero(7);
  CHECK(error.id() == "calc.DivideByZero");
  CHECK(error.message() == "7 cannot be divided by zero");
  CHECK(DivideByZero.matches(error));
  CHECK_FALSE(Plain.matches(error));
  REQUIRE(DivideByZero.params(error));
  CHECK(std::get<0>(*DivideByZero.params(error)) == 7);
  CHECK_FALSE(Plain.params(error));
  CHECK(Plain.params(Plain()));
  CHECK(Plain().action() == RetryRefetch);
}

TEST_CASE("names in a format are replaced, other braces stay") {
  CHECK(TooMany("Ann", Any(std::uint64_t{3})).message() == "Ann wants 3, {}, Ann");
  CHECK(TooMany("{what}", Any(2.5)).message() == "{what} wants 2.5, {}, {what}");
  CHECK(Wrapped(Plain()).message() == "because: plain");
}

TEST_CASE("the first two parameters are component and operation") {
  const Error error = DivideByZero(7);
  const auto params = error_params(error);
  REQUIRE(params.size() == 3);
  CHECK(*params[0].as<std::string>() == "");
  CHECK(*params[2].as<std::int64_t>() == 7);
  CHECK_FALSE(DivideByZero.params(Error("calc.DivideByZero", NoRetry, "from elsewhere")));
}

TEST_CASE("errors compare with their parameters") {
  CHECK(DivideByZero(7) == DivideByZero(7));
  CHECK_FALSE(DivideByZero(7) == DivideByZero(8).with_message("7 cannot be divided by zero"));
}

TEST_CASE("sub-errors travel as parameters") {
  const Error error = Plain().with_sub_error("server 1", DivideByZero(1));
  const auto there = from_value<std::optional<Error>>(*to_value(std::optional<Error>(error)));
  REQUIRE(there);
  const auto params = error_params(**there);
  REQUIRE(params.size() == 3);
  const auto sub = params[2].as<std::optional<Error>>();
  REQUIRE(sub);
  CHECK((*sub)->message() == "[server 1: 1 cannot be divided by zero]");
}

#include <nb/base/error.h>

#include <doctest/doctest.h>

using nb::Error;

TEST_CASE("a default-made error is no error") {
  const Error none;
  CHECK_FALSE(none);
  CHECK(none.id() == "");
  CHECK(none.message() == "");
  CHECK(none.sub_errors().empty());
}

TEST_CASE("changing a part of an error leaves the first one as it was") {
  const Error first("p.A", nb::NoRetry, "a");
  const Error second = first.with_action(nb::RetryBackoff).with_sub_error("server", Error("p.B", nb::NoRetry, "b"));
  CHECK(first.action() == nb::NoRetry);
  CHECK(first.sub_errors().empty());
  CHECK(second.action() == nb::RetryBackoff);
  REQUIRE(second.sub_errors().size() == 1);
  CHECK(second.sub_errors()[0].error.is("p.B"));
  CHECK_FALSE(first == second);
}

TEST_CASE("an error is one pointer") { CHECK(sizeof(Error) <= 2 * sizeof(void*)); }

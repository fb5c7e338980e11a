#include <nb/base/verror.h>

#include <doctest/doctest.h>

TEST_CASE("a standard error carries its id, its action and its text with the detail behind it") {
  const nb::Error error = nb::verror::NoServers("for /h:1");
  CHECK(error.id() == "v.io/v23/verror.NoServers");
  CHECK(error.action() == nb::RetryRefetch);
  CHECK(error.message() == "no usable servers found: for /h:1");
  CHECK(nb::verror::NoServers.matches(error));
  CHECK_FALSE(nb::verror::Timeout.matches(error));
  CHECK(nb::verror::Canceled().message() == "canceled");
}

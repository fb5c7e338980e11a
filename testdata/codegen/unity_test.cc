// The generated code of several packages in one translation unit, as unity builds compile it.
#include "base/base.vdl.cc"
#include "everything/everything.vdl.cc"

#include <doctest/doctest.h>

TEST_CASE("the sources of two packages compile as one") {
  CHECK(nb::Codec<base::Pair>::type().name() == "base.Pair");
  CHECK(nb::Codec<everything::Node>::type().name() == "everything.Node");
}

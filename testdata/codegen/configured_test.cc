// vdl.config: a namespace of the package's own, and a type of the user's in place of a wire type.
#include "configured/configured.vdl.h"

#include <doctest/doctest.h>
#include <nb/vom/vom.h>

nb::Type nb::Codec<acme::Money>::type() { return nb::Codec<acme::store::Amount>::type(); }

namespace {

TEST_CASE("the native type stands in fields and constants, the wire type on the wire") {
  CHECK(acme::store::Free() == acme::Money());
  CHECK(acme::store::Cheap().Total.cents() == 5);
  const acme::store::Bill bill(acme::Money::cents(7), {acme::Money::cents(-1), acme::Money()});
  const auto bytes = nb::vom::encode(bill);
  REQUIRE(bytes.ok());
  CHECK(nb::vom::decode<acme::store::Bill>(*bytes).value() == bill);
  CHECK(nb::Codec<acme::store::Bill>::type().to_string() ==
        "configured.Bill struct{Total configured.Amount struct{Cents int64};Parts []configured.Amount}");
}

}  // namespace

#include "security/base64.h"

#include <doctest/doctest.h>

namespace nb::security {
namespace {

TEST_CASE("bytes become base 64 and come back") {
  const std::pair<const char*, const char*> rows[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                                      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
  for (const auto& [bytes, text] : rows) {
    CHECK(to_base64(as_bytes(bytes)) == text);
    CHECK(to_base64url(as_bytes(bytes)) == text);
    const auto back = from_base64url(text);
    REQUIRE(back);
    CHECK(as_text(*back) == bytes);
  }
  const Bytes high = {0xfb, 0xff};
  CHECK(to_base64(high) == "+/8=");
  CHECK(to_base64url(high) == "-_8=");
  CHECK(from_base64url("-_8=") == high);
}

TEST_CASE("bytes have one spelling in base 64") {
  for (const auto* text :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", " Zg=", "Zm9v\n", "+/8=", "Zg==="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64url(text));
  }
}

}  // namespace
}  // namespace nb::security

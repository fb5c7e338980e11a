#include "rpc/known_names.h"

#include <doctest/doctest.h>

#include "rpc/errors.h"

namespace nb::rpc {

TEST_CASE("[1-6] a name is an address and perhaps a suffix, however many slashes are between them") {
  KnownNames names;
  for (const char* const host :
       {"/127.0.0.1:80", "/(alice)@127.0.0.1:80", "/@6@tcp@127.0.0.1:80@@00000000000000000000000000000001@s@alice@@"}) {
    for (const auto& [rest, suffix] : {std::pair("/suffix", "suffix"), std::pair("//suffix", "suffix"),
                                       std::pair("/a//b/", "a/b"), std::pair("/", ""), std::pair("", "")}) {
      CAPTURE(std::string(host) + rest);
      const auto known = names.find(std::string(host) + rest);
      CHECK_FALSE(known->why_not);
      CHECK(known->suffix == suffix);
      CHECK(known->endpoint.address == "127.0.0.1:80");
      CHECK_FALSE(known->pattern);
    }
  }
}

TEST_CASE("[0-55] [1-7] a pattern is taken out of a name, and a name without an address or with a bad one is none") {
  KnownNames names;
  const auto with_pattern = names.find("/127.0.0.1:80/__(alice:tv)/x");
  CHECK(with_pattern->pattern == "alice:tv");
  CHECK(with_pattern->suffix == "x");
  for (const char* const relative : {"", "a", "a/b", "127.0.0.1:80/x"}) {
    CHECK(kNonRootedName.matches(names.find(relative)->why_not));
  }
  CHECK(kInvalidEndpoint.matches(names.find("/@9@nothing@@/x")->why_not));
}

TEST_CASE("names are known again, and not for ever") {
  KnownNames names;
  const auto first = names.find("/h:1/a");
  CHECK(names.find("/h:1/a") == first);
  for (int i = 0; i < 1000; ++i) (void)names.find("/h:1/n" + std::to_string(i));
  CHECK(names.find("/h:1/a") != first);
  CHECK(names.find("/h:1/" + std::string(5000, 'x')) != names.find("/h:1/" + std::string(5000, 'x')));
}

}  // namespace nb::rpc

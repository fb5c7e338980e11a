#include <doctest/doctest.h>

#include <string>

#include <nb/vom/dump.h>

#include "vom/test_vectors.h"

using namespace nb;
using namespace nb::vom;

TEST_CASE("a dump tells what every byte means") {
  CHECK(dump(from_hex("81510403010fe1"
                      "520107"
                      "0101"
                      "04"
                      "01000002")) ==
        "0000  81                  version      0x81\n"
        "0001  51                  message id   type 41\n"
        "0002  04                  length       4\n"
        "0003  03                  wire type    ListT\n"
        "0004  01                  field          1, Elem\n"
        "0005  0f                  type id        15\n"
        "0006  e1                  control        end of struct\n"
        "0007  52                  message id   value of type 41, []any\n"
        "0008  01                  types        1 types referred to\n"
        "0009  07                  type id      0: 7, int16\n"
        "000a  01                  anys         1 lengths of anys\n"
        "000b  01                  any length   0: 1\n"
        "000c  04                  length       4\n"
        "000d  01                  count          1\n"
        "000e  00                  any type         0, int16\n"
        "000f  00                  any index        0\n"
        "0010  02                  int16              1\n"
        "                          = []any{int16(1)}\n");
}

TEST_CASE("a dump of every vector accounts for every byte and ends in the value") {
  for (const auto* file : {"vom81.json", "vomtest81.json"}) {
    for (const auto& vector : load_vectors(file)) {
      CAPTURE(vector.name);
      const std::string text = dump(vector.stream);
      CHECK(text.find("cannot go on") == std::string::npos);
      CHECK(text.find("not understood") == std::string::npos);
      CHECK(text.find("  = ") != std::string::npos);
    }
  }
}

TEST_CASE("a dump of anything malformed ends, and says where") {
  for (const auto& robust : load_robust()) {
    const std::string text = dump(robust.stream);
    if (robust.want == "accept") CHECK(text.find("cannot go on") == std::string::npos);
    for (std::size_t size = 0; size < std::min<std::size_t>(robust.stream.size(), 200); ++size) {
      CHECK_FALSE(dump(BytesView(robust.stream).first(size)).empty());
    }
  }
}

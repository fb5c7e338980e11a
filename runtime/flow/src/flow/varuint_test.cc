#include "flow/varuint.h"

#include <doctest/doctest.h>

#include <limits>

#include "flow/hex.h"

namespace nb::flow {
namespace {

using testing::from_hex;
using testing::to_hex;

constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();

TEST_CASE("integers at every boundary have the specified bytes, both ways") {
  struct Row {
    std::uint64_t value;
    const char* hex;
  };
  const Row rows[] = {
      {0, "00"},
      {1, "01"},
      {127, "7f"},
      {128, "ff80"},
      {255, "ffff"},
      {256, "fe0100"},
      {65535, "feffff"},
      {65536, "fd010000"},
      {1048576, "fd100000"},
      {0xffffff, "fdffffff"},
      {0x1000000, "fc01000000"},
      {0xffffffff, "fcffffffff"},
      {0x100000000, "fb0100000000"},
      {0xffffffffff, "fbffffffffff"},
      {0x10000000000, "fa010000000000"},
      {0xffffffffffff, "faffffffffffff"},
      {0x1000000000000, "f901000000000000"},
      {0xffffffffffffff, "f9ffffffffffffff"},
      {0x100000000000000, "f80100000000000000"},
      {kMax, "f8ffffffffffffffff"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    Bytes out;
    append_varuint(out, row.value);
    CHECK(to_hex(out) == row.hex);
    CHECK(varuint_size(row.value) == out.size());
    BytesView in = out;
    CHECK(take_varuint(in) == row.value);
    CHECK(in.empty());
    for (std::size_t cut = 0; cut < out.size(); ++cut) {
      BytesView part = BytesView(out).first(cut);
      CHECK(!take_varuint(part));
      CHECK(part.size() == cut);
    }
  }
}

TEST_CASE("longer forms than needed are read, invalid first bytes are not") {
  const Bytes longer = from_hex("f8 00 00 00 00 00 00 00 05");
  BytesView in = longer;
  CHECK(take_varuint(in) == 5);
  for (int first = 0x80; first <= 0xf7; ++first) {
    CAPTURE(first);
    Bytes invalid(300, 0);
    invalid[0] = static_cast<std::uint8_t>(first);
    BytesView view = invalid;
    CHECK(!take_varuint(view));
  }
}

TEST_CASE("a block that is longer than what is left is not read") {
  for (const char* hex : {"", "01", "05 61626364", "f8 ffffffffffffffff 61", "ff", "ff 80 61"}) {
    CAPTURE(hex);
    const Bytes input = from_hex(hex);
    BytesView in = input;
    CHECK(!take_block(in));
    CHECK(in.size() == input.size());
  }
  const Bytes input = from_hex("02 6162 63");
  BytesView in = input;
  CHECK(as_text(*take_block(in)) == "ab");
  CHECK(as_text(in) == "c");
}

}  // namespace
}  // namespace nb::flow

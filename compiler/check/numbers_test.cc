#include "check/numbers.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

namespace vdlc::passes {
namespace {

std::string integer(const std::string& text) {
  const auto number = parse_integer(text);
  return number ? number->get_str() : "too large";
}
std::string rational(const std::string& text) {
  const auto number = parse_rational(text);
  return number ? number->get_str() : "too large";
}
double to_double(const std::string& text) { return round_to_float64(*parse_rational(text)); }
double to_single(const std::string& text) { return round_to_float32(*parse_rational(text)); }

}  // namespace

TEST_CASE("integers in every base") {
  CHECK(integer("0") == "0");
  CHECK(integer("42") == "42");
  CHECK(integer("0x2A") == "42");
  CHECK(integer("0X2a") == "42");
  CHECK(integer("0b10_1010") == "42");
  CHECK(integer("0o52") == "42");
  CHECK(integer("052") == "42");
  CHECK(integer("1_000") == "1000");
  CHECK(integer("18446744073709551616") == "18446744073709551616");
}

TEST_CASE("rationals, decimal and hexadecimal") {
  CHECK(rational(".5") == "1/2");
  CHECK(rational("1.") == "1");
  CHECK(rational("1e3") == "1000");
  CHECK(rational("1_0.2_5e-1") == "41/40");
  CHECK(rational("0x1.8p1") == "3");
  CHECK(rational("0x1p-3") == "1/8");
  CHECK(rational("0x.8P+1") == "1");
  CHECK(rational("0e999999999999999999999") == "0");
}

TEST_CASE("a number beyond the limit is found out from its text") {
  for (const char* text :
       {"1e1000000000", "1e-1000000000", "1e99999999999999999999", "0x1p1000000000", "0x1p-99999999999"}) {
    CAPTURE(text);
    CHECK(rational(text) == "too large");
  }
  CHECK(rational("1e10000") != "too large");
  CHECK(integer("1" + std::string(30000, '0')) == "too large");
  CHECK(rational("1" + std::string(3000000, '0') + ".0") == "too large");
}

TEST_CASE("rounding to float64 goes to the nearest, ties to even") {
  for (const double value : {1.0, 0.1, 1.0 / 3, 1e300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308}) {
    CHECK(round_to_float64(mpq_class(value)) == value);
    CHECK(round_to_float64(mpq_class(-value)) == -value);
  }
  CHECK(to_double("0.1") == 0.1);
  CHECK(to_double("9007199254740993.0") == 9007199254740992.0);
  CHECK(to_double("9007199254740995.0") == 9007199254740996.0);
  CHECK(to_double("9007199254740993.0000000000000000000000000001") == 9007199254740994.0);
  CHECK(to_double("7e-324") == 5e-324);
  CHECK(to_double("8e-324") == 1e-323);
  CHECK(to_double("2.2250738585072011e-308") == 2.2250738585072011e-308);
}

TEST_CASE("float32 rounds twice") {
  CHECK(to_single("16777217.0") == 16777216);
  // The double nearest to it lies in the middle between two floats, and the tie goes up.
  CHECK(to_single("1.00000017881393432617187499") == static_cast<float>(1.0000002384185791));
  CHECK(to_single("1.5e-45") == std::numeric_limits<float>::denorm_min());
}

TEST_CASE("the range of floats is checked before rounding") {
  CHECK(range_in_float32(*parse_rational("1e-45")) == FloatRange::kTooSmall);
  CHECK(range_in_float32(*parse_rational("1.5e-45")) == FloatRange::kFits);
  CHECK(range_in_float32(*parse_rational("3.4028235e38")) == FloatRange::kTooLarge);
  CHECK(range_in_float32(mpq_class(std::numeric_limits<float>::max())) == FloatRange::kFits);
  CHECK(range_in_float64(*parse_rational("1e-400")) == FloatRange::kTooSmall);
  CHECK(range_in_float64(*parse_rational("1e400")) == FloatRange::kTooLarge);
  CHECK(range_in_float64(mpq_class(0)) == FloatRange::kFits);
}

TEST_CASE("numbers in messages are short") {
  CHECK(spell(mpz_class(-7)) == "-7");
  CHECK(spell(mpz_class(mpz_class(1) << 2000)) == "a number of 2001 bits");
  CHECK(spell(mpq_class(3, 2)) == "1.5");
  CHECK(spell(mpq_class(-1, 20)) == "-0.05");
  CHECK(spell(mpq_class(1, 3)) == "1/3");
  CHECK(spell(*parse_rational("1e-400")).find("about 2^-13") == 0);
}

}  // namespace vdlc::passes

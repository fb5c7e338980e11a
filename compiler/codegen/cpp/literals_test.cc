#include "codegen/cpp/literals.h"

#include <doctest/doctest.h>

#include <limits>

namespace vdlc::cpp {
namespace {

using namespace std::string_view_literals;

TEST_CASE("readable text stays readable") {
  CHECK(string_literal("plain") == R"("plain")");
  CHECK(string_literal("grüße, 世界 😀") == R"("grüße, 世界 😀")");
}

TEST_CASE("what would end or change a literal is escaped") {
  CHECK(string_literal("a\"b\\c") == R"("a\"b\\c")");
  CHECK(string_literal("\n\t\r\a\x7f") == R"("\n\t\r\007\177")");
  CHECK(string_literal("\x01"
                       "2") == R"("\0012")");
}

TEST_CASE("trigraphs cannot form") {
  CHECK(string_literal("?") == R"("?")");
  CHECK(string_literal("?\?/") == R"("?\?/")");
  CHECK(string_literal("????") == R"("?\?\?\?")");
}

TEST_CASE("invalid UTF-8 and deceptive characters become octal bytes") {
  CHECK(string_literal("\xff\xc3") == R"("\377\303")");
  CHECK(string_literal("\xed\xa0\x80") == R"("\355\240\200")");  // a surrogate
  CHECK(string_literal("\xc0\x80") == R"("\300\200")");          // overlong
  CHECK(string_literal("\u202e") == R"("\342\200\256")");
  CHECK(string_literal("\ufeff") == R"("\357\273\277")");
}

TEST_CASE("a NUL takes the length along") {
  CHECK(string_expression("ab", "std::string") == R"("ab")");
  CHECK(string_expression("a\0b"sv, "std::string_view") == R"(std::string_view("a\000b", 3))");
}

TEST_CASE("numbers read back as themselves") {
  CHECK(signed_literal(-5) == "-5");
  CHECK(signed_literal(std::numeric_limits<std::int64_t>::min()) == "(-9223372036854775807 - 1)");
  CHECK(unsigned_literal(7) == "7");
  CHECK(unsigned_literal(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615u");
  CHECK(double_literal(3) == "3.0");
  CHECK(double_literal(0.1) == "0.1");
  CHECK(double_literal(1e300) == "1e+300");
  CHECK(double_literal(5e-324) == "5e-324");
  CHECK(float_literal(0.1f) == "0.1f");
  CHECK(float_literal(2) == "2.0f");
}

}  // namespace
}  // namespace vdlc::cpp

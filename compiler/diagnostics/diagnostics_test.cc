#include "diagnostics/diagnostics.h"

#include <doctest/doctest.h>

namespace vdlc {
namespace {

constexpr Message<std::string, int> kTest{"XX1", "`{}` is {}"};
constexpr Message<> kPlain{"XX2", "plain"};

Span at(std::uint32_t file, std::uint32_t begin) { return {FileId{file}, begin, begin + 1}; }

}  // namespace

TEST_CASE("diagnostics come in order of place, whatever the order of reporting") {
  Diagnostics diagnostics;
  diagnostics.error(at(1, 5), kTest, "d", 4);
  diagnostics.error(at(0, 9), kTest, "b", 2);
  diagnostics.warning(at(0, 9), kTest, "c", 3);
  diagnostics.error(kPlain);
  diagnostics.error(at(0, 2), kTest, "a", 1);
  std::string order;
  for (const Diagnostic* diagnostic : diagnostics.sorted()) order += diagnostic->text + "; ";
  CHECK(order == "plain; `a` is 1; `b` is 2; `c` is 3; `d` is 4; ");
  CHECK(diagnostics.error_count() == 4);
  CHECK(diagnostics.warning_count() == 1);
}

TEST_CASE("warnings are no failure") {
  Diagnostics diagnostics;
  diagnostics.warning(kPlain);
  CHECK(!diagnostics.failed());
  diagnostics.error(kPlain);
  CHECK(diagnostics.failed());
}

TEST_CASE("a diagnostic may be added to while others are reported") {
  Diagnostics diagnostics;
  Diagnostic& first = diagnostics.error(kPlain);
  for (int i = 0; i < 1000; ++i) diagnostics.error(kPlain);
  first.note("later").suggest(at(0, 0), "x", "write `x`");
  CHECK(diagnostics.sorted()[0]->notes.size() == 1);
  CHECK(diagnostics.sorted()[0]->suggestions[0].replacement == "x");
}

}  // namespace vdlc

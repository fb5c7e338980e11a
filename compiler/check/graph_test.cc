#include "check/graph.h"

#include <doctest/doctest.h>

namespace vdlc::passes {

TEST_CASE("components come dependencies first, members in order") {
  // 0 -> 1 <-> 2, 3 -> 3, 4
  const Graph graph = {{1}, {2}, {1}, {3}, {}};
  const auto found = components(graph);
  REQUIRE(found.size() == 4);
  CHECK(found[0] == std::vector<std::uint32_t>{1, 2});
  CHECK(found[1] == std::vector<std::uint32_t>{0});
  CHECK(is_cycle(graph, found[0]));
  CHECK(!is_cycle(graph, found[1]));
  CHECK(is_cycle(graph, {3}));
  CHECK(!is_cycle(graph, {4}));
}

TEST_CASE("dependency order is depth first in the order of nodes") {
  CHECK(dependency_order({{2}, {}, {1}}) == std::vector<std::uint32_t>{1, 2, 0});
  CHECK(dependency_order({{1}, {0}}) == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("reaching follows edges backwards") {
  const auto marked = reaching({{1}, {2}, {}, {}}, {false, false, true, false});
  CHECK(marked == std::vector<bool>{true, true, true, false});
}

TEST_CASE("a chain of a million nodes does not exhaust the stack") {
  Graph chain(1000000);
  for (std::uint32_t i = 0; i + 1 < chain.size(); ++i) chain[i] = {i + 1};
  CHECK(components(chain).size() == chain.size());
  CHECK(dependency_order(chain).front() == chain.size() - 1);
}

}  // namespace vdlc::passes

#include "flow/used_ids.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace nb::flow {
namespace {

TEST_CASE("an id is used once, in whatever order") {
  UsedIds ids(10);
  CHECK(ids.use(12));
  CHECK(ids.use(10));
  CHECK(!ids.use(10));
  CHECK(!ids.use(12));
  CHECK(!ids.use(8));
  CHECK(!ids.use(13));
  CHECK(ids.gaps() == 0);
  CHECK(ids.use(1000));
  CHECK(ids.gaps() == 1);
  CHECK(ids.use(500));
  CHECK(ids.gaps() == 2);
  CHECK(ids.was_used(500));
  CHECK(!ids.was_used(498));
  CHECK(!ids.was_used(1002));
  CHECK(!ids.use(0xffffffffffffffff - 1));
}

TEST_CASE("any order of ids is told apart exactly") {
  std::mt19937 random(3);
  UsedIds ids(11);
  std::set<FlowId> used;
  for (int round = 0; round < 20000; ++round) {
    const FlowId id = 11 + 2 * (random() % 6000);
    REQUIRE(ids.was_used(id) == used.contains(id));
    REQUIRE(ids.use(id) == used.insert(id).second);
  }
  CHECK(ids.gaps() <= 3000);
}

TEST_CASE("very many gaps do not grow the set: the oldest count as used") {
  UsedIds ids(10);
  for (FlowId id = 12; id < 12 + 4 * 10000; id += 4) CHECK(ids.use(id));
  CHECK(ids.gaps() == UsedIds::kMaxGaps);
  CHECK(!ids.use(10));
  CHECK(ids.use(12 + 4 * 9999 - 2));
}

}  // namespace
}  // namespace nb::flow

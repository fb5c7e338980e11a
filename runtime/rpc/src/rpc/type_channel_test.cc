#include "rpc/type_channel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace nb::rpc {
namespace {

struct Counting final : TypeWaiter {
  void on_types() override { ++told; }
  int told = 0;
};

}  // namespace

TEST_CASE("who waits for types is told once, however often it asked") {
  TypeWaiters waiters;
  const auto waiter = std::make_shared<Counting>();
  waiters.add(waiter);
  waiters.add(waiter);
  waiters.tell();
  waiters.tell();
  CHECK(waiter->told == 1);
}

TEST_CASE("waiters that come and go do not gather") {
  TypeWaiters waiters;
  const auto stays = std::make_shared<Counting>();
  waiters.add(stays);
  std::size_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    // Others are alive meanwhile, so that addresses differ.
    std::vector<std::shared_ptr<Counting>> flows;
    for (int j = 0; j < 3; ++j) waiters.add(flows.emplace_back(std::make_shared<Counting>()));
    most = std::max(most, waiters.size());
  }
  CHECK(most <= 128);
  waiters.tell();
  CHECK(stays->told == 1);
}

}  // namespace nb::rpc

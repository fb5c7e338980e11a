#include "flow/fifo.h"

#include <doctest/doctest.h>

#include <memory>

using nb::flow::Fifo;

TEST_CASE("a queue gives back what it was given, in order, whatever its length") {
  Fifo<int> queue;
  int next_in = 0, next_out = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < round % 17; ++i) queue.push_back(next_in++);
    for (int i = 0; i < round % 13 && !queue.empty(); ++i, queue.pop_front()) CHECK(queue.front() == next_out++);
    CHECK(queue.size() == static_cast<std::size_t>(next_in - next_out));
  }
  for (; !queue.empty(); queue.pop_front()) CHECK(queue.front() == next_out++);
  CHECK(next_in == next_out);
}

TEST_CASE("what was taken out of a queue is not kept by it") {
  Fifo<std::shared_ptr<int>> queue;
  const auto first = std::make_shared<int>(1), second = std::make_shared<int>(2);
  queue.push_back(first);
  queue.push_back(second);
  queue.pop_front();
  CHECK(first.use_count() == 1);
  queue.clear();
  CHECK(second.use_count() == 1);
  CHECK(queue.empty());
}

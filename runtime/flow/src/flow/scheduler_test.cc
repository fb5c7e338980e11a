#include "flow/scheduler.h"

#include <doctest/doctest.h>

#include <deque>

#include "flow/flow_state.h"
#include "flow/hex.h"

namespace nb::flow {
namespace {

struct SchedulerFixture {
  TokenPool pool{10};
  Scheduler scheduler{pool};
  std::deque<FlowState> flows;

  FlowState& borrower(FlowId id, std::string_view data) {
    FlowState& flow = flows.emplace_back(id, SendWindow::borrowing_from(pool), ReceiveWindow::opened_here(10));
    flow.is_on_wire = true;
    flow.queue.push(testing::bytes(data));
    return flow;
  }
  FlowState& owner(FlowId id, std::uint64_t tokens, std::string_view data) {
    FlowState& flow = flows.emplace_back(id, SendWindow::granted(pool, tokens), ReceiveWindow::opened_by_peer(10));
    flow.is_on_wire = true;
    flow.queue.push(testing::bytes(data));
    return flow;
  }
  FlowId next() {
    FlowState* const flow = scheduler.next_flow();
    return flow == nullptr ? 0 : flow->id;
  }
  ~SchedulerFixture() {
    for (FlowState& flow : flows) scheduler.forget(flow);
  }
};

TEST_CASE_FIXTURE(SchedulerFixture, "express messages leave in order") {
  scheduler.express({1});
  scheduler.express({2, 2});
  CHECK(scheduler.next_express() == Bytes{1});
  CHECK(scheduler.next_express() == Bytes{2, 2});
  CHECK(!scheduler.next_express());
  CHECK(scheduler.express_bytes() == 0);
}

TEST_CASE_FIXTURE(SchedulerFixture, "flows take turns") {
  FlowState& a = owner(10, 9, "aaaa");
  FlowState& b = owner(12, 9, "bbbb");
  scheduler.schedule(a);
  scheduler.schedule(b);
  scheduler.schedule(a);
  CHECK(next() == 10);
  scheduler.schedule(a);
  CHECK(next() == 12);
  CHECK(next() == 10);
  CHECK(next() == 0);
}

TEST_CASE_FIXTURE(SchedulerFixture, "a flow without tokens of its own waits until it has some") {
  FlowState& a = owner(10, 0, "aaaa");
  scheduler.schedule(a);
  CHECK(!scheduler.has_flow());
  CHECK(a.send.release(1));
  scheduler.schedule(a);
  CHECK(next() == 10);
}

TEST_CASE_FIXTURE(SchedulerFixture, "flows that found the pool empty come first, in order, when it fills") {
  CHECK(pool.take(10) == 10);
  FlowState& a = borrower(10, "a");
  FlowState& b = borrower(12, "b");
  scheduler.schedule(a);
  scheduler.schedule(b);
  CHECK(!scheduler.has_flow());
  pool.give_back(1);
  CHECK(scheduler.has_flow());
  FlowState& c = borrower(14, "c");
  scheduler.schedule(c);
  scheduler.schedule(a);
  CHECK(next() == 10);
  CHECK(next() == 12);
  CHECK(next() == 14);
}

TEST_CASE_FIXTURE(SchedulerFixture, "a pool that empties while flows are ready sends them to wait") {
  FlowState& a = borrower(10, "a");
  FlowState& b = borrower(12, "b");
  scheduler.schedule(a);
  scheduler.schedule(b);
  CHECK(next() == 10);
  CHECK(a.send.take(10) == 10);
  CHECK(next() == 0);
  CHECK(!scheduler.has_flow());
  CHECK(a.send.release(10));
  CHECK(next() == 12);
}

TEST_CASE_FIXTURE(SchedulerFixture, "opening and an empty Close need no tokens") {
  CHECK(pool.take(10) == 10);
  FlowState& opening = borrower(10, "a");
  opening.is_on_wire = false;
  FlowState& closing = borrower(12, "");
  closing.closes_after_queue = true;
  scheduler.schedule(opening);
  scheduler.schedule(closing);
  CHECK(next() == 10);
  CHECK(next() == 12);
}

TEST_CASE_FIXTURE(SchedulerFixture, "a flow with nothing to send has no turn, and a forgotten one neither") {
  FlowState& idle = owner(10, 5, "");
  FlowState& gone = owner(12, 5, "a");
  scheduler.schedule(idle);
  scheduler.schedule(gone);
  scheduler.forget(gone);
  CHECK(!scheduler.has_flow());
}

}  // namespace
}  // namespace nb::flow

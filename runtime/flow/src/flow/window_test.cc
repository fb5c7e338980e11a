// The rules of flow-protocol.md 8, one after the other.
#include <doctest/doctest.h>

#include <limits>

#include "flow/flow_state.h"
#include "flow/receive_window.h"
#include "flow/release_ledger.h"
#include "flow/send_window.h"

namespace nb::flow {
namespace {

TEST_CASE("an opener takes what the pool has, and others find it gone") {
  TokenPool pool(5);
  SendWindow first = SendWindow::borrowing_from(pool);
  SendWindow second = SendWindow::borrowing_from(pool);
  CHECK(first.take(9) == 5);
  CHECK(first.borrowed() == 5);
  CHECK(second.take(1) == 0);
}

TEST_CASE("the other end sends what it was granted and leaves the pool alone") {
  TokenPool pool(5);
  SendWindow window = SendWindow::granted(pool, 7);
  CHECK(window.take(9) == 7);
  CHECK(window.take(1) == 0);
  CHECK(pool.available() == 5);
  CHECK(window.release(2));
  CHECK(window.take(9) == 2);
}

TEST_CASE("the first Release ends borrowing for good, even one of zero tokens") {
  TokenPool pool(100);
  SendWindow window = SendWindow::borrowing_from(pool);
  CHECK(window.take(10) == 10);
  CHECK(window.release(0));
  CHECK(!window.is_borrowing());
  CHECK(window.take(10) == 0);
  CHECK(pool.available() == 90);
}

TEST_CASE("a Release repays the pool first and grants the rest to the flow") {
  TokenPool pool(100);
  SendWindow window = SendWindow::borrowing_from(pool);
  CHECK(window.take(40) == 40);
  CHECK(window.release(30));
  CHECK(pool.available() == 90);
  CHECK(window.available() == 0);
  CHECK(window.release(30));
  CHECK(pool.available() == 100);
  CHECK(window.available() == 20);
}

TEST_CASE("the numbers that were seen at a running peer come out") {
  TokenPool pool(100000);
  SendWindow ten = SendWindow::borrowing_from(pool);
  SendWindow other = SendWindow::borrowing_from(pool);
  CHECK(ten.take(100000) == 100000);
  CHECK(other.take(1) == 0);
  CHECK(ten.release(1000));
  CHECK(ten.take(65536) == 0);
  CHECK(other.take(50) == 50);
  CHECK(ten.release(100000));
  CHECK(ten.take(65536) == 1000);
}

TEST_CASE("a grant of the window and what was consumed leaves the window minus what is unread") {
  constexpr std::uint64_t kWindow = 1000;
  for (const std::uint64_t sent : {0u, 1u, 400u, 1000u}) {
    for (std::uint64_t consumed = 0; consumed <= sent; consumed += 100) {
      TokenPool pool(kWindow);
      SendWindow window = SendWindow::borrowing_from(pool);
      CHECK(window.take(sent) == sent);
      CHECK(window.release(kWindow + consumed));
      CHECK(window.available() == kWindow - (sent - consumed));
      CHECK(pool.available() == kWindow);
    }
  }
}

TEST_CASE("a Release that cannot be counted changes nothing") {
  TokenPool pool(10);
  SendWindow window = SendWindow::granted(pool, 5);
  CHECK(!window.release(std::numeric_limits<std::uint64_t>::max()));
  CHECK(!window.release((std::uint64_t{1} << 63) - 4));
  CHECK(window.available() == 5);
  CHECK(window.release((std::uint64_t{1} << 63) - 5));
  CHECK(!window.release(1));
}

TEST_CASE("a Close of the peer repays what was borrowed") {
  TokenPool pool(10);
  SendWindow window = SendWindow::borrowing_from(pool);
  CHECK(window.take(7) == 7);
  window.repay_all();
  CHECK(pool.available() == 10);
  CHECK(window.borrowed() == 0);
}

TEST_CASE("tokens of a flow closed here come back by Release, as much as is owed, or all at once by Data") {
  OutstandingTokens owed;
  owed.record(10, 100);
  owed.record(12, 0);
  CHECK(owed.release(10, 30) == 30);
  CHECK(owed.release(10, 100) == 70);
  CHECK(owed.release(10, 100) == 0);
  CHECK(owed.release(12, 5) == 0);
  owed.record(14, 8);
  CHECK(owed.total() == 8);
  CHECK(owed.forget(14) == 8);
  CHECK(owed.forget(14) == 0);
  CHECK(owed.total() == 0);
}

TEST_CASE("a peer may send its window and not one byte more") {
  ReceiveWindow window = ReceiveWindow::opened_here(10);
  CHECK(window.receive(10));
  CHECK(!window.receive(1));
  window.consume(4);
  CHECK(window.receive(4));
  CHECK(!window.receive(std::numeric_limits<std::uint64_t>::max()));
  CHECK(window.unread() == 10);
}

TEST_CASE("on a flow opened here exactly the consumed bytes are granted") {
  ReceiveWindow window = ReceiveWindow::opened_here(10);
  CHECK(window.receive(8));
  window.consume(8);
  CHECK(window.grant() == 8);
  CHECK(window.unreturned() == 0);
  window.granted();
  CHECK(window.grant() == 0);
}

TEST_CASE("the first grant on a flow of the peer is the window and what was consumed") {
  ReceiveWindow window = ReceiveWindow::opened_by_peer(10);
  CHECK(window.receive(8));
  window.consume(3);
  CHECK(window.unreturned() == 8);
  CHECK(window.grant() == 13);
  window.granted();
  CHECK(!window.is_peer_borrowing());
  CHECK(window.receive(5));
  CHECK(window.unreturned() == 0);
  window.consume(2);
  CHECK(window.grant() == 2);
}

// A ledger with flows opened by the peer; W = 1000, pool 800, MTU 100.
struct LedgerFixture {
  TokenPool pool{0};
  ReleaseLedger ledger{1000, 800, 100, 3, std::chrono::milliseconds(5)};
  TimePoint now{std::chrono::hours(1)};
  FlowState a{10, SendWindow::granted(pool, 0), ReceiveWindow::opened_by_peer(1000)};
  FlowState b{12, SendWindow::granted(pool, 0), ReceiveWindow::opened_by_peer(1000)};
  FlowState own{11, SendWindow::borrowing_from(pool), ReceiveWindow::opened_here(1000)};

  bool receive(FlowState& flow, std::uint64_t n) { return flow.receive.receive(n) && ledger.received(flow, n); }
  void consume(FlowState& flow, std::uint64_t n) {
    flow.receive.consume(n);
    ledger.consumed(flow);
  }
  std::vector<Counter> take() {
    std::vector<Counter> all;
    for (const Release& release : ledger.take()) {
      all.insert(all.end(), release.counters.begin(), release.counters.end());
    }
    return all;
  }
  ~LedgerFixture() {
    for (FlowState* flow : {&a, &b, &own}) ledger.closed_here(*flow);
  }
};

TEST_CASE_FIXTURE(LedgerFixture, "a Release is due when an eighth of the pool is missing, read or unread") {
  CHECK(receive(a, 60));
  CHECK(receive(b, 40));
  CHECK(!ledger.is_due());
  consume(b, 10);
  CHECK(receive(b, 1));
  CHECK(ledger.is_due());
  CHECK(take() == std::vector<Counter>{{10, 1000}, {12, 1010}});
  CHECK(!ledger.is_due());
  CHECK(take().empty());
}

TEST_CASE_FIXTURE(LedgerFixture, "a Release is due when a quarter of one window was consumed") {
  CHECK(receive(own, 1000));
  CHECK(!ledger.is_due());
  consume(own, 250);
  CHECK(!ledger.is_due());
  consume(own, 1);
  CHECK(ledger.is_due());
  CHECK(take() == std::vector<Counter>{{11, 251}});
}

TEST_CASE_FIXTURE(LedgerFixture, "no Release ever carries zero tokens") {
  CHECK(receive(a, 10));
  CHECK(take() == std::vector<Counter>{{10, 1000}});
  CHECK(receive(a, 500));
  CHECK(take().empty());
}

TEST_CASE_FIXTURE(LedgerFixture, "a flow closed by the peer hands back at least what it borrowed") {
  CHECK(receive(a, 90));
  ledger.closed_by_peer(a, now);
  CHECK(!ledger.is_due());
  CHECK(!ledger.next_deadline());  // nobody waits for so little
  CHECK(receive(b, 20));
  CHECK(!ledger.is_due());  // not at once
  CHECK(ledger.next_deadline() == now + std::chrono::milliseconds(5));
  ledger.advance(now + std::chrono::milliseconds(5));
  CHECK(ledger.is_due());
  CHECK(take() == std::vector<Counter>{{10, 1000}, {12, 1000}});
  CHECK(ledger.unreturned() == 0);
  CHECK(!ledger.next_deadline());
}

TEST_CASE_FIXTURE(LedgerFixture, "what is due goes without the flows that were closed a moment ago") {
  CHECK(receive(a, 90));
  CHECK(receive(b, 200));
  ledger.closed_by_peer(a, now);
  CHECK(ledger.is_due());
  CHECK(take() == std::vector<Counter>{{12, 1000}});
  CHECK(ledger.unreturned() == 90);
  ledger.advance(now + std::chrono::milliseconds(5));
  CHECK(!ledger.is_due());
  CHECK(receive(b, 300));
  consume(b, 300);
  CHECK(take() == std::vector<Counter>{{10, 1000}, {12, 300}});
}

TEST_CASE_FIXTURE(LedgerFixture, "no more flows than may wait are kept back") {
  for (FlowId id = 20; id < 30; id += 2) {
    FlowState flow(id, SendWindow::granted(pool, 0), ReceiveWindow::opened_by_peer(1000));
    CHECK(receive(flow, 1));
    ledger.closed_by_peer(flow, now);
  }
  CHECK(ledger.closed() == 5);
  CHECK(take() == std::vector<Counter>{{20, 1000}, {22, 1000}});
  CHECK(ledger.closed() == 3);
}

TEST_CASE_FIXTURE(LedgerFixture, "a flow closed here is not granted anything") {
  CHECK(receive(a, 500));
  CHECK(ledger.is_due());
  ledger.closed_here(a);
  CHECK(!ledger.is_due());
  CHECK(take().empty());
}

TEST_CASE_FIXTURE(LedgerFixture, "one flow can be granted out of turn") {
  CHECK(receive(a, 500));
  CHECK(receive(b, 50));
  CHECK(ledger.take(a).counters == std::vector<Counter>{{10, 1000}});
  CHECK(!ledger.is_due());
  CHECK(take() == std::vector<Counter>{{12, 1000}});
}

TEST_CASE_FIXTURE(LedgerFixture, "a peer that borrows more than its pool can have is noticed") {
  CHECK(receive(a, 600));
  CHECK(receive(b, 400));
  FlowState c{14, SendWindow::granted(pool, 0), ReceiveWindow::opened_by_peer(1000)};
  CHECK(!receive(c, 1));
  take();
  CHECK(receive(c, 1));
  ledger.closed_here(c);
}

TEST_CASE("Releases are cut so that no message has more counters than the MTU allows") {
  TokenPool pool(0);
  ReleaseLedger ledger(1 << 20, 1 << 20, 65536, 100000, {});
  for (FlowId id = 10; id < 10 + 2 * 7000; id += 2) {
    FlowState flow(id, SendWindow::granted(pool, 0), ReceiveWindow::opened_by_peer(1 << 20));
    REQUIRE(flow.receive.receive(1));
    REQUIRE(ledger.received(flow, 1));
    ledger.closed_by_peer(flow, {});
  }
  const std::vector<Release> messages = ledger.take();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].counters.size() == 6553);
  CHECK(messages[1].counters.size() == 7000 - 6553);
}

TEST_CASE("a Release is due when too many closed flows wait") {
  TokenPool pool(0);
  ReleaseLedger ledger(1 << 20, 1 << 20, 65536, 2, {});
  for (FlowId id = 10; id <= 14; id += 2) {
    CHECK(!ledger.is_due());
    FlowState flow(id, SendWindow::granted(pool, 0), ReceiveWindow::opened_by_peer(1 << 20));
    REQUIRE(flow.receive.receive(1));
    REQUIRE(ledger.received(flow, 1));
    ledger.closed_by_peer(flow, {});
  }
  CHECK(ledger.is_due());
}

}  // namespace
}  // namespace nb::flow

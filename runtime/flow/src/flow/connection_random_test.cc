// Two cores with random schedules: whatever they do, nothing overflows, nobody is forgotten, every byte arrives.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "flow/connection.h"
#include "flow/connection_testing.h"

namespace nb::flow {
namespace {

using namespace flow::testing;

constexpr std::size_t kSteps = 100'000;
constexpr std::size_t kStepsPerRound = 2'000;
constexpr std::size_t kMaxFlows = 40;

// Byte `offset` of what one end sends on a flow.
std::uint8_t content(FlowId id, bool from_dialer, std::uint64_t offset) {
  return static_cast<std::uint8_t>((id * 131 + (from_dialer ? 7 : 0) + offset) * 2654435761u >> 16);
}

// What one end of one flow has done.
struct FlowEnd {
  std::uint64_t written = 0;
  std::uint64_t received = 0;
  std::uint64_t unread = 0;
  bool write_closed = false;  // by a write with close
  bool over = false;          // closed in any way; bytes may be left to read
};

struct End {
  explicit End(Options options, TimePoint now) : connection(std::move(options), now) {}
  Connection connection;
  std::map<FlowId, FlowEnd> flows;
  Bytes in_transit;  // has left here and has not arrived there
};

class Schedule {
 public:
  Schedule(std::uint32_t seed, Options dialer, Options acceptor)
      : random_(seed), dialer_(dialer, now_), acceptor_(acceptor, now_), windows_{dialer.window, acceptor.window} {
    settle();
  }

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) step();
  }

  // Everything that is on its way arrives and is read; then nobody may have anything left to send.
  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (End* end : {&dialer_, &acceptor_}) {
        busy |= send(*end, 1u << 20);
        busy |= deliver(*end, end->in_transit.size());
        for (auto& [id, flow] : end->flows) busy |= read(*end, id, flow.unread);
      }
    }
    for (End* end : {&dialer_, &acceptor_}) {
      for (const auto& [id, flow] : end->flows) {
        REQUIRE(end->connection.pending(id) == 0);
        if (flow.over) continue;
        REQUIRE(other(*end).flows.contains(id) == opened_.contains(id));
        if (other(*end).flows.contains(id)) REQUIRE(other(*end).flows[id].received == flow.written);
      }
    }
  }

  // With all flows closed an opener can borrow the whole pool again, but for what waits for a common Release.
  void close_all_and_check_pools() {
    close_all();
    const std::uint64_t pool = std::min(windows_[0], windows_[1]);
    for (End* end : {&dialer_, &acceptor_}) {
      const FlowId id = *end->connection.open_flow();
      end->flows[id];
      write(*end, id, pool, false);
      send(*end, 1u << 20);
      CHECK(end->connection.pending(id) <= pool / 8);
    }
    settle();
    close_all();
  }

  std::uint64_t delivered() const { return delivered_; }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  End& other(const End& end) { return &end == &dialer_ ? acceptor_ : dialer_; }
  bool is_dialer(const End& end) const { return &end == &dialer_; }

  void close_all() {
    for (End* end : {&dialer_, &acceptor_}) {
      for (auto& [id, flow] : end->flows) close(*end, id);
    }
    settle();
    for (End* end : {&dialer_, &acceptor_}) {
      REQUIRE(end->connection.open_flow_count() == 0);
      end->flows.clear();
    }
    opened_.clear();
  }

  void step() {
    End& end = below(2) ? dialer_ : acceptor_;
    const std::size_t dice = below(100);
    if (dice < 6) return open(end);
    if (dice < 35) return with_flow(end, [&](FlowId id, FlowEnd&) { write(end, id, write_size(), below(12) == 0); });
    if (dice < 60) return with_flow(end, [&](FlowId id, FlowEnd& flow) { read(end, id, below(flow.unread + 1)); });
    if (dice < 63) return with_flow(end, [&](FlowId id, FlowEnd&) { close(end, id); });
    if (dice < 80) return void(send(end, 1 + below(6000)));
    if (dice < 99) return void(deliver(end, below(end.in_transit.size() + 1)));
    now_ += std::chrono::milliseconds(below(50));
    end.connection.advance(now_);
    collect(end);
  }

  std::size_t write_size() {
    const std::size_t dice = below(10);
    return dice < 2 ? 0 : dice < 8 ? below(300) : below(20000);
  }

  template <class F>
  void with_flow(End& end, F&& f) {
    if (end.flows.empty()) return;
    auto chosen = end.flows.lower_bound(10 + below(end.flows.rbegin()->first - 9));
    if (chosen != end.flows.end()) f(chosen->first, chosen->second);
  }

  void open(End& end) {
    if (end.connection.open_flow_count() >= kMaxFlows) return;
    end.flows[*end.connection.open_flow({.side_channel = below(5) == 0})];
  }

  void write(End& end, FlowId id, std::size_t n, bool close) {
    FlowEnd& flow = end.flows[id];
    if (flow.over || flow.write_closed) return;
    Bytes payload(n);
    for (std::size_t i = 0; i < n; ++i) payload[i] = content(id, is_dialer(end), flow.written + i);
    end.connection.write(id, std::move(payload), close);
    opened_.insert(id);
    flow.written += n;
    flow.write_closed = close;
    collect(end);
  }

  bool read(End& end, FlowId id, std::size_t n) {
    if (n == 0) return false;
    end.flows[id].unread -= n;
    end.connection.consumed(id, n);
    collect(end);
    return true;
  }

  void close(End& end, FlowId id) {
    FlowEnd& flow = end.flows[id];
    flow.over = true;
    flow.unread = 0;
    end.connection.close_flow(id);
    collect(end);
  }

  bool send(End& end, std::size_t budget) {
    const Output output = end.connection.take_output(budget);
    const Bytes bytes = output.flat();
    REQUIRE(bytes.size() == output.size());
    end.in_transit.insert(end.in_transit.end(), bytes.begin(), bytes.end());
    collect(end);
    return !bytes.empty();
  }

  bool deliver(End& from, std::size_t n) {
    if (n == 0) return false;
    End& to = other(from);
    const auto cut = from.in_transit.begin() + static_cast<std::ptrdiff_t>(n);
    const Bytes part(from.in_transit.begin(), cut);
    from.in_transit.erase(from.in_transit.begin(), cut);
    to.connection.receive(part, now_);
    collect(to);
    return true;
  }

  void collect(End& end) {
    for (const Event& event : end.connection.take_events()) {
      REQUIRE(!std::holds_alternative<ConnectionClosed>(event));
      if (const auto* const opened = std::get_if<FlowOpened>(&event)) {
        REQUIRE(!end.flows.contains(opened->id));
        end.flows[opened->id];
      } else if (const auto* const payload = std::get_if<FlowPayload>(&event)) {
        take_in(end, *payload);
      } else if (const auto* const closed = std::get_if<FlowClosed>(&event)) {
        REQUIRE(!end.flows[closed->id].over);
        end.flows[closed->id].over = true;
      }
    }
  }

  void take_in(End& end, const FlowPayload& event) {
    FlowEnd& flow = end.flows[event.id];
    REQUIRE(!flow.over);
    for (const std::uint8_t byte : event.payload) {
      REQUIRE(byte == content(event.id, !is_dialer(end), flow.received++));
    }
    flow.unread += event.payload.size();
    delivered_ += event.payload.size();
    REQUIRE(flow.unread <= windows_[is_dialer(end) ? 0 : 1]);
  }

  std::mt19937 random_;
  TimePoint now_{std::chrono::hours(1)};
  End dialer_;
  End acceptor_;
  std::uint64_t windows_[2];
  std::set<FlowId> opened_;  // written to, so that the other end hears of it
  std::uint64_t delivered_ = 0;
};

Options small(Role role, std::uint64_t window) {
  Options options = plain_options(role);
  options.mtu = 1024;
  options.window = window;
  options.channel_timeout = std::chrono::hours(10);
  options.table_seed = 99;
  return options;
}

TEST_CASE("random schedules lose no wake-up, overflow no window and deliver every byte") {
  struct Row {
    std::uint32_t seed;
    std::uint64_t dialer_window;
    std::uint64_t acceptor_window;
  };
  std::uint64_t delivered = 0;
  const Row rows[] = {{1, 4096, 4096}, {2, 1024, 16384}, {3, 16384, 1500}, {4, 1u << 20, 1u << 20}};
  for (const Row& row : rows) {
    CAPTURE(row.seed);
    Schedule schedule(row.seed, small(Role::kDialer, row.dialer_window), small(Role::kAcceptor, row.acceptor_window));
    for (std::size_t done = 0; done < kSteps / std::size(rows); done += kStepsPerRound) {
      schedule.run(kStepsPerRound);
      schedule.settle();
      schedule.close_all_and_check_pools();
    }
    delivered += schedule.delivered();
  }
  MESSAGE("bytes delivered: " << delivered);
  CHECK(delivered > 1'000'000);
}

}  // namespace
}  // namespace nb::flow

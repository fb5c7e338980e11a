// Schedule: two authenticated ends do what chance or a script says, and are held against the model of flow control
// (token_model_testing.h) at every step. What is believed:
//
//   every byte arrives once and in order; whoever showed something on a flow is who the other end hears of
//   no token is lost or made: shared, borrowed and outstanding ones are the pool; nobody sends without them
//   nobody is granted more than its window and what was consumed, nobody is sent more than that
//   a flow with something to send and tokens for it makes its end have output (no wake-up is lost)
//   each flow ends once at each end, for the reason there is, after all that was sent before its Close
//   with all flows closed, pools fill up again and no table has anything in it
//
// A belief that fails throws.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "flow/token_model_testing.h"
#include "flow/wiretap_testing.h"

namespace nb::flow::testing {

// Deterministic keys for both ends, which remember what they have checked.
inline Options schedule_options(Role role, std::uint64_t window, bool aes, std::uint64_t mtu = 1024) {
  static const Options kOptions[] = {authenticated_options(Role::kDialer), authenticated_options(Role::kAcceptor)};
  static const auto kCache = std::make_shared<ChainCache>();
  Options options = kOptions[role == Role::kDialer ? 0 : 1];
  options.identity.chain_cache = kCache;
  options.identity.randomness =
      std::make_shared<FixedRandomness>(role == Role::kDialer ? kDialerRandomness : kAcceptorRandomness);
  options.identity.offers_aes_gcm = aes;
  options.mtu = mtu;
  options.window = window;
  options.table_seed = 99;
  return options;
}

class Schedule {
 public:
  // Gives a number below n, which is at least 1.
  using Below = std::function<std::size_t(std::size_t n)>;

  Schedule(Below below, const Options& dialer, const Options& acceptor)
      : below_(std::move(below)), dialer_(dialer, now_), acceptor_(acceptor, now_), by_messages_(below_(4) == 0) {
    for (End* end : {&dialer_, &acceptor_}) {
      const std::uint8_t seed = end == &dialer_ ? 0x21 : 1;
      end->shows = faces(seed);
    }
    settle();
    expect(dialer_.connection.is_established() && acceptor_.connection.is_established(),
           "the two ends like each other");
    expect(dialer_.tokens.pool() == dialer_.connection.flow_tables().shared, "the pool is the smaller window");
  }

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) step();
  }

  void step() {
    End& end = below_(2) != 0 ? dialer_ : acceptor_;
    act(end, below_(100));
    for (End* each : {&dialer_, &acceptor_}) check(*each);
    ++steps_;
  }

  // Everything that is on its way arrives and is read; then nobody has anything left to send.
  void settle() {
    do {
      for (bool busy = true; busy;) {
        busy = false;
        for (End* end : {&dialer_, &acceptor_}) {
          busy |= send(*end, 1u << 20);
          busy |= deliver(*end, end->in_transit.size());
          for (auto& [id, flow] : end->flows) busy |= read(*end, id, flow.unread);
        }
      }
    } while (pass_to_next_deadline());
    for (End* end : {&dialer_, &acceptor_}) {
      check(*end);
      for (const auto& [id, flow] : end->flows) {
        expect(end->connection.pending(id) == 0, "with a reader that reads everything is sent");
        if (flow.over) continue;
        expect(other(*end).flows.contains(id) == opened_.contains(id), "whoever writes on a flow opens it");
        if (opened_.contains(id)) expect(other(*end).flows[id].received == flow.written, "every byte arrives");
      }
    }
  }

  // All flows are closed; the pools fill up again, and nothing is left of them.
  void close_all() {
    for (End* end : {&dialer_, &acceptor_}) {
      for (auto& [id, flow] : end->flows) close(*end, id);
    }
    settle();
    pass(std::chrono::milliseconds(5));  // flows that were closed a moment ago are not handed back before
    settle();
    if (dialer_.connection.can_open_flows() && acceptor_.connection.can_open_flows()) {
      for (End* end : {&dialer_, &acceptor_}) make_peer_release(*end);
    }
    for (End* end : {&dialer_, &acceptor_}) {
      expect(end->connection.open_flow_count() == 0, "no flow is open after all were closed");
      end->flows.clear();
      end->shown.clear();
      end->accepted.clear();
      end->grants.forget_all();
    }
    opened_.clear();
  }

  // The end of both: each asks for no more flows, and then one closes the connection.
  void finish() {
    for (End* end : {&dialer_, &acceptor_}) end->connection.enter_lame_duck();
    settle();
    close_all();
    expect(dialer_.lame_duck_is_done && acceptor_.lame_duck_is_done, "both ends agree to open no more flows");
    is_ending_ = true;
    dialer_.connection.close(Error("test.Bye", NoRetry, "bye"));
    settle();
    for (End* end : {&dialer_, &acceptor_}) {
      expect(end->connection.is_closed() && !end->connection.has_output(), "both ends end");
      const FlowTables tables = end->connection.flow_tables();
      expect(tables.flows == 0 && tables.deadlines == 0, "nothing is left in the tables");
      expect(!end->connection.next_deadline(), "an end that has ended waits for nothing");
    }
  }

  std::uint64_t steps() const { return steps_; }
  std::uint64_t delivered() const { return delivered_; }

 private:
  static constexpr std::size_t kMaxFlows = 40;

  // What one end of one flow has done.
  struct FlowEnd {
    std::uint64_t written = 0;
    std::uint64_t said = 0;  // of these, what has left
    std::uint64_t received = 0;
    std::uint64_t unread = 0;
    bool write_closed = false;         // by a write with close
    bool over = false;                 // closed in any way; bytes may be left to read
    bool close_has_arrived = false;    // the peer's
    bool keeps = false;                // messages whole
    std::deque<std::size_t> messages;  // of a flow that keeps them: what waits to be sent
    std::optional<TimePoint> deadline;
  };

  struct End {
    End(const Options& options, TimePoint now)
        : connection(options, now), tokens(options.window), grants(options.window) {}
    Connection connection;
    TokenModel tokens;
    GrantModel grants;
    std::map<FlowId, FlowEnd> flows;
    std::map<FlowId, std::size_t> shown;  // on flows that it opened: which of its faces
    std::set<FlowId> accepted;            // flows that the other end opened
    std::array<ShownBlessings, 3> shows;
    bool lame_duck_is_done = false;
    Bytes in_transit;  // has left here and has not arrived there
    std::uint64_t sent = 0;
    std::uint64_t arrived = 0;
    std::deque<std::pair<std::uint64_t, std::optional<Said>>> said;  // each with where it ends in the stream
  };

  static std::array<ShownBlessings, 3> faces(std::uint8_t seed) {
    static std::map<std::uint8_t, std::array<ShownBlessings, 3>> known;
    auto& made = known[seed];
    if (made[0].blessings.is_zero()) {
      const auto who = principal(seed);
      made = {ShownBlessings(*who->bless_self("one")), ShownBlessings(*who->bless_self("two"), Discharges(1)),
              ShownBlessings(Blessings::nameless(who->public_key()))};
    }
    return made;
  }

  End& other(const End& end) { return &end == &dialer_ ? acceptor_ : dialer_; }
  bool is_dialer(const End& end) const { return &end == &dialer_; }

  // Byte `offset` of what one end sends on a flow.
  static std::uint8_t content(FlowId id, bool from_dialer, std::uint64_t offset) {
    return static_cast<std::uint8_t>((id * 131 + (from_dialer ? 7 : 0) + offset) * 2654435761u >> 16);
  }

  // --- what an end may do ---

  void act(End& end, std::size_t dice) {
    if (dice < 6) return void(open(end));
    if (dice < 34) return with_flow(end, [&](FlowId id) { write(end, id, write_size(), below_(12) == 0); });
    if (dice < 58) return with_flow(end, [&](FlowId id) { read(end, id, below_(end.flows[id].unread + 1)); });
    if (dice < 61) return with_flow(end, [&](FlowId id) { close(end, id); });
    if (dice < 62) return with_flow(end, [&](FlowId id) { set_deadline(end, id); });
    if (dice < 63) return expect(end.connection.show(end.shows[below_(3)]).ok(), "an end shows what is its own");
    if (dice < 80) return void(send(end, 1 + below_(6000)));
    if (dice < 99) return void(deliver(end, below_(end.in_transit.size() + 1)));
    pass(std::chrono::milliseconds(below_(50)));
  }

  std::size_t write_size() {
    const std::size_t dice = below_(10);
    return dice < 2 ? 0 : dice < 8 ? below_(300) : below_(20000);
  }

  template <class F>
  void with_flow(End& end, F&& f) {
    if (end.flows.empty()) return;
    const auto chosen = end.flows.lower_bound(10 + below_(end.flows.rbegin()->first - 9));
    if (chosen != end.flows.end()) f(chosen->first);
  }

  FlowId open(End& end, bool plain = false) {
    if (end.connection.open_flow_count() >= kMaxFlows || !end.connection.can_open_flows()) return 0;
    FlowOptions options;
    options.side_channel = below_(5) == 0;
    if (below_(8) == 0) options.channel_timeout = std::chrono::seconds(20);
    const std::size_t face = below_(3);
    options.shown = end.shows[face];
    const FlowId id = *end.connection.open_flow(std::move(options));
    FlowEnd& flow = end.flows[id];
    end.shown[id] = face;
    if (!plain && below_(6) == 0) {
      flow.keeps = true;
      end.connection.keep_messages(id);
    }
    end.grants.opened(id, false);
    return id;
  }

  void write(End& end, FlowId id, std::size_t n, bool close) {
    FlowEnd& flow = end.flows[id];
    if (flow.over || flow.write_closed) return;
    // Larger ones could wait for ever for the part of a small pool that no Release is sent for.
    if (flow.keeps) n = std::min<std::size_t>({n, 900, static_cast<std::size_t>(end.tokens.pool()) / 2});
    Bytes payload(n);
    for (std::size_t i = 0; i < n; ++i) payload[i] = content(id, is_dialer(end), flow.written + i);
    end.connection.write(id, std::move(payload), close);
    opened_.insert(id);
    flow.written += n;
    flow.write_closed = close;
    if (flow.keeps && n > 0) flow.messages.push_back(n);
    collect(end);
  }

  bool read(End& end, FlowId id, std::size_t n) {
    if (n == 0) return false;
    end.flows[id].unread -= n;
    end.grants.consumes(id, n);
    end.connection.consumed(id, n);
    collect(end);
    return true;
  }

  void close(End& end, FlowId id) {
    FlowEnd& flow = end.flows[id];
    flow.over = true;
    flow.unread = 0;
    end.connection.close_flow(id);
    end.tokens.closes(id);
    collect(end);
  }

  void set_deadline(End& end, FlowId id) {
    FlowEnd& flow = end.flows[id];
    if (flow.over) return;
    flow.deadline.reset();
    if (below_(4) != 0) flow.deadline = now_ + std::chrono::milliseconds(below_(500));
    end.connection.set_deadline(id, flow.deadline);
  }

  void pass(Duration time) {
    now_ += time;
    for (End* end : {&dialer_, &acceptor_}) {
      end->connection.advance(now_);
      collect(*end);
    }
  }

  // When something is about to happen by itself.
  bool pass_to_next_deadline() {
    for (End* end : {&dialer_, &acceptor_}) {
      const auto next = end->connection.next_deadline();
      if (!next || *next > now_ + std::chrono::milliseconds(5)) continue;
      pass(std::chrono::milliseconds(5));
      return true;
    }
    return false;
  }

  // Fills so much of the pool that the peer hands back all that it owes.
  void make_peer_release(End& end) {
    const std::uint64_t pool = end.tokens.pool();
    const FlowId id = open(end, true);
    expect(id != 0, "with no flow open one can be opened");
    write(end, id, pool / 8 + 1, false);
    settle();
    close(other(end), id);
    settle();
    const FlowTables tables = end.connection.flow_tables();
    const FlowTables peer = other(end).connection.flow_tables();
    expect(tables.shared == pool && tables.outstanding == 0, "with all flows closed the pool is full");
    expect(peer.unreturned == 0 && peer.closed_to_release == 0, "nothing is owed to a full pool");
    expect(end.tokens.shared() == pool, "the model's pool is full, too");
  }

  // --- the wire ---

  bool send(End& end, std::size_t budget) {
    const Output output = end.connection.take_output(budget);
    const Bytes bytes = output.flat();
    expect(bytes.size() == output.size(), "an output is as large as it says");
    for (std::size_t i = 0; i < output.frame_count(); ++i) {
      Bytes frame = output.flat_frame(i);
      end.sent += kFrameHeaderSize + frame.size();
      auto said = tap_.hear(is_dialer(end), std::move(frame));
      if (said) says(end, *said);
      end.said.emplace_back(end.sent, std::move(said));
    }
    end.in_transit.insert(end.in_transit.end(), bytes.begin(), bytes.end());
    collect(end);
    return !bytes.empty();
  }

  void says(End& end, const Said& said) {
    const auto goes = [&] {
      FlowEnd& flow = end.flows[said.id];
      flow.said += said.payload;
      if (flow.keeps && said.payload > 0) {
        expect(!flow.messages.empty() && flow.messages.front() == said.payload, "a message that is kept leaves whole");
        flow.messages.pop_front();
      }
      if (said.close) end.tokens.closes(said.id);
    };
    switch (said.type) {
      case MessageType::kOpenFlow:
        end.tokens.says_open(said.id, said.payload);
        return goes();
      case MessageType::kData:
        if (said.id == kBlessingsFlowId) return;
        end.tokens.says_data(said.id, said.payload);
        return goes();
      case MessageType::kRelease:
        for (const Counter& counter : said.grants) end.grants.says_release(counter.id, counter.tokens);
        return;
      default:
        return;
    }
  }

  bool deliver(End& from, std::size_t n) {
    if (n == 0) return false;
    End& to = other(from);
    if (by_messages_) n = to_frame_end(from, n);
    if (n == 0) return false;
    const auto cut = from.in_transit.begin() + static_cast<std::ptrdiff_t>(n);
    const Bytes part(from.in_transit.begin(), cut);
    from.in_transit.erase(from.in_transit.begin(), cut);
    if (by_messages_) {
      std::uint64_t at = from.arrived;
      for (const auto& [end, said] : from.said) {
        if (end > from.arrived + n) break;
        const std::size_t begin = static_cast<std::size_t>(at - from.arrived) + kFrameHeaderSize;
        to.connection.receive_frame(
            BytesView(part).subspan(begin, static_cast<std::size_t>(end - at) - kFrameHeaderSize), now_);
        at = end;
      }
    } else {
      to.connection.receive(part, now_);
    }
    from.arrived += n;
    while (!from.said.empty() && from.said.front().first <= from.arrived) {
      if (from.said.front().second) gets(to, *from.said.front().second);
      from.said.pop_front();
    }
    collect(to);
    return true;
  }

  static std::size_t to_frame_end(const End& from, std::size_t n) {
    std::uint64_t end = from.arrived;
    for (const auto& each : from.said) {
      if (each.first > from.arrived + n) break;
      end = each.first;
    }
    return static_cast<std::size_t>(end - from.arrived);
  }

  void gets(End& end, const Said& said) {
    switch (said.type) {
      case MessageType::kOpenFlow:
        end.tokens.gets_open(said.id, said.initial_counters);
        end.grants.opened(said.id, true);
        gets_payload(end, said);
        if (said.close) end.tokens.gets_data(said.id, true);
        return;
      case MessageType::kData:
        if (said.id == kBlessingsFlowId) return;
        // What arrives after its flow was closed here reaches nobody.
        if (end.tokens.is_open(said.id)) gets_payload(end, said);
        return end.tokens.gets_data(said.id, said.close);
      case MessageType::kRelease:
        for (const Counter& counter : said.grants) end.tokens.gets_release(counter.id, counter.tokens);
        return;
      default:
        return;
    }
  }

  void gets_payload(End& end, const Said& said) {
    end.grants.gets(said.id, said.payload);
    if (said.close) end.flows[said.id].close_has_arrived = true;
  }

  // --- what an end tells ---

  void collect(End& end) {
    for (const Event& event : end.connection.take_events()) {
      if (std::holds_alternative<AuthorizePeer>(event)) {
        end.connection.authorize();
      } else if (const auto* const opened = std::get_if<FlowOpened>(&event)) {
        flow_opened(end, *opened);
      } else if (const auto* const payload = std::get_if<FlowPayload>(&event)) {
        take_in(end, *payload);
      } else if (const auto* const closed = std::get_if<FlowClosed>(&event)) {
        flow_closed(end, *closed);
      } else if (const auto* const done = std::get_if<LameDuckDone>(&event)) {
        expect(done->acknowledged, "an honest peer acknowledges the lame duck");
        end.lame_duck_is_done = true;
      } else if (std::holds_alternative<ConnectionClosed>(event)) {
        expect(is_ending_, "a connection of honest ends goes on");
      } else if (std::holds_alternative<Established>(event)) {
        const std::uint64_t pool = std::min(dialer_.tokens.pool(), acceptor_.tokens.pool());
        end.tokens = TokenModel(pool);
      }
    }
  }

  void flow_opened(End& end, const FlowOpened& event) {
    const auto known = other(end).shown.find(event.id);
    expect(known != other(end).shown.end(), "flows are opened by the other end");
    const ShownBlessings& shown = other(end).shows[known->second];
    expect(std::ranges::equal(event.remote.blessings.unique_id(), shown.blessings.unique_id()),
           "a flow's opener shows what it wanted to show");
    expect(event.remote.has_discharges() == shown.has_discharges(), "discharges come with what they are for");
    expect(end.accepted.insert(event.id).second, "a flow opens once");
    end.flows[event.id];
  }

  void take_in(End& end, const FlowPayload& event) {
    FlowEnd& flow = end.flows[event.id];
    expect(!flow.over, "nothing arrives on a flow that is over");
    for (const std::uint8_t byte : event.payload) {
      expect(byte == content(event.id, !is_dialer(end), flow.received++), "bytes arrive once and in order");
    }
    flow.unread += event.payload.size();
    delivered_ += event.payload.size();
  }

  void flow_closed(End& end, const FlowClosed& event) {
    if (event.by == ClosedBy::kConnection) return expect(is_ending_, "a flow ends with its connection at the end only");
    FlowEnd& flow = end.flows[event.id];
    expect(!flow.over, "a flow ends once");
    flow.over = true;
    switch (event.by) {
      case ClosedBy::kPeer:
        expect(flow.close_has_arrived, "a flow is closed by the peer when its Close has come");
        expect(flow.received == other(end).flows[event.id].said, "all that was sent comes before the Close");
        break;
      case ClosedBy::kLocal:
        expect(flow.write_closed && flow.said == flow.written, "a flow that its writer closes has sent everything");
        break;
      case ClosedBy::kDeadline:
        expect(flow.deadline && *flow.deadline <= now_, "a deadline ends a flow when it has passed");
        end.tokens.closes(event.id);
        flow.unread = 0;
        break;
      case ClosedBy::kConnection:
        break;
    }
  }

  void check(End& end) {
    end.tokens.check_sum();
    const FlowTables tables = end.connection.flow_tables();
    expect(is_ending_ || tables.shared == end.tokens.shared(), "the pool has the tokens that the model says");
    expect(is_ending_ || tables.outstanding == end.tokens.outstanding(), "closed flows owe what the model says");
    if (end.connection.has_output()) return;
    const auto least = [](const FlowEnd& flow) { return flow.keeps ? flow.messages.front() : 1; };
    const auto waits = [&](FlowId id, const FlowEnd& flow) {
      return !flow.over && end.tokens.is_open(id) && end.connection.pending(id) > 0;
    };
    // Who waits for a large part of the pool holds up the others who borrow, so that it gets it in the end.
    bool pool_is_spoken_for = false;
    for (const auto& [id, flow] : end.flows) {
      pool_is_spoken_for |= waits(id, flow) && end.tokens.is_borrowing(id) && end.tokens.window(id) < least(flow);
    }
    for (const auto& [id, flow] : end.flows) {
      if (!waits(id, flow) || (pool_is_spoken_for && end.tokens.is_borrowing(id))) continue;
      expect(end.tokens.window(id) < least(flow), "who has something to send, and tokens for it, is not forgotten");
    }
  }

  Below below_;
  TimePoint now_{std::chrono::hours(1)};
  End dialer_;
  End acceptor_;
  bool by_messages_;  // the transport keeps messages apart
  Wiretap tap_;
  std::set<FlowId> opened_;  // written to, so that the other end hears of it
  bool is_ending_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t delivered_ = 0;
};

}  // namespace nb::flow::testing

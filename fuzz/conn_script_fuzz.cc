// Two live connections on one loop that is polled by hand, over an in-memory stream or a websocket on it, and users at
// both ends who do what the input says: two bytes a step, what and with what. Payloads arrive in order and unchanged,
// each flow is told its end once, and after the script both connections can be ended and leave nothing.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <nb/base/check.h>

#include "conn/live_connection.h"
#include "conn/live_flow.h"
#include "flow/authenticated_testing.h"
#include "transport/memory.h"
#include "transport/websocket_protocol.h"

namespace {

using nb::Bytes;
using nb::Error;
using nb::conn::ConnectionOwner;
using nb::conn::Flow;
using nb::conn::FlowListener;
using nb::conn::LiveConnection;
using nb::flow::Role;
using nb::transport::Loop;
using nb::transport::Stream;

const Error kBye("test.Bye", nb::NoRetry, "bye");

std::uint8_t content(std::uint64_t flow, std::uint64_t offset) { return static_cast<std::uint8_t>(flow * 7 + offset); }

// A user of one flow, who checks what it is told.
class User final : public FlowListener {
 public:
  User(std::shared_ptr<Flow> flow, std::uint8_t direction)
      : flow_(std::move(flow)), key_(flow_->id() * 2 + direction) {}

  void on_payload(Bytes payload) override {
    NB_CHECK(!is_closed_, "nothing is told after the end");
    for (const std::uint8_t byte : payload) NB_CHECK(byte == content(key_ ^ 1, received_++), "bytes arrive in order");
  }
  void on_drained() override { NB_CHECK(!is_closed_, "nothing is told after the end"); }
  void on_closed(const Error&) override { NB_CHECK(!std::exchange(is_closed_, true), "a flow ends once"); }

  void write(std::size_t n, bool close) {
    Bytes payload(n);
    if (flow_->is_open()) {
      for (std::uint8_t& byte : payload) byte = content(key_, written_++);
    }
    flow_->write(std::move(payload), close);
  }
  void consume(std::size_t n) { flow_->consumed(n); }
  void close() {
    is_closed_ = true;
    flow_->close();
  }
  Flow& flow() { return *flow_; }

 private:
  std::shared_ptr<Flow> flow_;
  std::uint64_t key_;
  std::uint64_t written_ = 0;
  std::uint64_t received_ = 0;
  bool is_closed_ = false;
};

struct End final : ConnectionOwner {
  void authorize_peer(LiveConnection& connection, const nb::flow::AuthorizePeer&) override {
    if (trusts) return connection.authorize();
    connection.refuse(kBye);
  }
  void established(LiveConnection&, bool) override {}
  void peer_shows(LiveConnection&) override {}
  void peer_in_lame_duck(LiveConnection&) override {}
  void lame_duck_done(LiveConnection&) override {}
  void ended(LiveConnection&, const Error&) override { NB_CHECK(!std::exchange(has_ended, true), "it ends once"); }
  void gone(LiveConnection&) override {
    NB_CHECK(has_ended && !is_gone, "first the end, then the transport's");
    is_gone = true;
  }

  void accept(std::shared_ptr<Flow> flow) {
    if (refuses_flows) return;
    waiting.push_back(std::move(flow));
  }
  void use(std::shared_ptr<Flow> flow) {
    if (flow->id() % 3 == 0) (void)flow->take_first();  // then what comes is not checked from its beginning
    if (flow->id() % 3 == 0) return kept.push_back(std::move(flow));
    auto user = std::make_shared<User>(flow, direction);
    flow->listen(user);
    users.push_back(std::move(user));
  }

  std::shared_ptr<LiveConnection> connection;
  std::vector<std::shared_ptr<Flow>> waiting;
  std::vector<std::shared_ptr<Flow>> kept;
  std::vector<std::shared_ptr<User>> users;
  std::vector<std::chrono::seconds> pins;
  std::uint8_t direction = 0;
  bool trusts = true;
  bool refuses_flows = false;
  bool has_ended = false;
  bool is_gone = false;
};

struct World {
  explicit World(std::uint8_t mode) {
    auto network = nb::transport::MemoryNetwork::make((mode & 4) != 0 ? 600 : 8192);
    auto streams = (mode & 1) != 0 ? over_websocket(network) : network->connect(loop, loop);
    ends[0]->trusts = (mode & 8) == 0;
    for (const std::size_t i : {0, 1}) {
      static const nb::flow::Options kOptions[] = {nb::flow::testing::authenticated_options(Role::kDialer),
                                                   nb::flow::testing::authenticated_options(Role::kAcceptor)};
      static const auto kCache = std::make_shared<nb::ChainCache>();
      nb::flow::Options options = kOptions[i];
      options.identity.chain_cache = kCache;
      options.identity.randomness =
          std::make_shared<nb::flow::testing::FixedRandomness>(static_cast<std::uint8_t>(0x40 + 0x40 * i));
      options.identity.offers_aes_gcm = (mode & 2) != 0;
      options.mtu = 1024;
      options.window = 4096;
      options.accepts_flows = true;
      End& end = *ends[i];
      end.direction = static_cast<std::uint8_t>(i);
      auto household = std::make_shared<LiveConnection::Household>();
      household->acceptor = [&end](std::shared_ptr<Flow> flow) { end.accept(std::move(flow)); };
      household->nameless = nb::flow::ShownBlessings(nb::Blessings::nameless(options.identity.principal->public_key()));
      household->linger = std::chrono::milliseconds(200);
      household->owner = ends[i];
      auto& stream = i == 0 ? streams.first : streams.second;
      end.connection = std::make_shared<LiveConnection>(loop, std::move(stream), options, std::move(household));
    }
    for (auto& end : ends) loop->post([&end] { end->connection->start(); });
    loop->poll();
  }

  ~World() {
    loop->post([this] {
      for (auto& end : ends) end->connection->close(kBye);
    });
    loop->poll();
    clock->advance(std::chrono::seconds(1));
    loop->poll();
    for (auto& end : ends) {
      NB_CHECK(end->has_ended && end->is_gone, "a connection that is closed goes, at the latest after its linger");
      for (auto& user : end->users) NB_CHECK(!user->flow().is_open() && user->flow().pending() == 0, "no flow is left");
    }
    loop->post([this] {
      for (auto& end : ends) {
        end->users.clear();
        end->waiting.clear();
        end->kept.clear();
        end->connection.reset();
      }
      if (listener) listener->close({});
      dialing.reset();
    });
    loop->poll();
    loop->stop();
    loop->finish();
  }

  std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> over_websocket(
      const std::shared_ptr<nb::transport::MemoryNetwork>& network) {
    const auto protocol = nb::transport::make_websocket(network, [](std::span<std::uint8_t> bytes) {
      for (std::uint8_t& byte : bytes) byte = 0x5a;
    });
    std::shared_ptr<Stream> here, there;
    nb::transport::ListenEvents events;
    events.pick_loop = [this] { return loop; };
    events.accepted = [&](std::shared_ptr<Stream> stream) { there = std::move(stream); };
    listener = protocol->listen(loop, "ws", "name:1", std::move(events)).value();
    loop->poll();
    dialing = protocol->dial(loop, "ws", "name:1", {}, [&](auto stream) { here = stream.value(); });
    for (int i = 0; i < 100 && (!here || !there); ++i) loop->poll();
    NB_CHECK(here && there, "a websocket in memory is soon there");
    return {here, there};
  }

  void step(std::uint8_t what, std::uint8_t with) {
    End& end = *ends[what >> 7];
    LiveConnection& connection = *end.connection;
    const auto user = [&end, with]() -> User* {
      return end.users.empty() ? nullptr : end.users[with % end.users.size()].get();
    };
    switch ((what & 0x7f) % 22) {
      case 0:
        if (auto flow = connection.open_flow({}, std::chrono::seconds(with))) end.use(*flow);
        return;
      case 1:
        if (auto flow = connection.open_side_channel()) end.use(*flow);
        return;
      case 2:
      case 3:
        if (User* const one = user()) one->write(std::size_t{with} * with, false);
        return;
      case 4:
        if (User* const one = user()) one->write(with, true);
        return;
      case 5:
      case 6:
        if (User* const one = user()) one->consume(std::size_t{with} * 50);
        return;
      case 7:
        if (User* const one = user()) one->close();
        return;
      case 8:  // its listener goes, and with it the flow
        if (!end.users.empty())
          end.users.erase(end.users.begin() + with % static_cast<std::ptrdiff_t>(end.users.size()));
        return;
      case 9:
      case 10:
        for (auto& flow : std::exchange(end.waiting, {})) end.use(std::move(flow));
        return;
      case 11:
        return end.waiting.clear();
      case 12:
        if (with < 4) connection.close(kBye);
        return;
      case 13:
        return connection.enter_lame_duck();
      case 14:
        return connection.sweep(std::chrono::seconds(with));
      case 15:
        if (with < 128) {
          end.pins.emplace_back(with);
          return connection.pin(end.pins.back());
        }
        if (end.pins.empty()) return;
        connection.unpin(end.pins.back());
        return end.pins.pop_back();
      case 16:
        if (with < 2) connection.abandon(kBye);
        return;
      case 17:
        for (auto& flow : end.kept) flow->consumed(std::size_t{with} * 10);
        return;
      case 18:
        return (void)connection.show({});
      case 19:
        end.refuses_flows = (with & 1) != 0;
        return connection.when_closed([](const Error&) {});
      case 20:
        for (auto& flow : end.kept) flow->write(Bytes(with), false);
        return;
      case 21:
        if (!end.kept.empty()) end.kept.pop_back();
        return;
    }
  }

  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<Loop> loop = Loop::make(clock);
  std::array<std::shared_ptr<End>, 2> ends{std::make_shared<End>(), std::make_shared<End>()};
  std::shared_ptr<nb::transport::Listener> listener;
  std::shared_ptr<nb::transport::Dialing> dialing;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 2048) return 0;
  World world(data[0]);
  for (std::size_t at = 1; at + 1 < size; at += 2) {
    const std::uint8_t what = data[at], with = data[at + 1];
    world.loop->post([&world, what, with] { world.step(what, with); });
    // Some steps fall into one turn.
    if ((what & 3) != 1) world.loop->poll();
    if ((what & 7) == 2) world.clock->advance(std::chrono::milliseconds(std::uint64_t{with} * with));
  }
  world.loop->poll();
  return 0;
}

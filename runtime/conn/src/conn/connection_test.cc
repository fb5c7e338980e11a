// Connections and flows end to end, over tcp and in memory.
#include "conn/connection.h"

#include <map>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include "conn/live_connection.h"
#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;

TEST_CASE("payloads come back from an echo, in order, small and large") {
  NB_OVER_BOTH(pair);
  const auto connection = pair.connect();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  std::string sent;
  for (std::size_t size : {1u, 100u, 70'000u, 3u, 300'000u}) {
    const std::string part(size, static_cast<char>('a' + sent.size() % 26));
    sent += part;
    pair.on(*connection, [&] { flow->write(bytes(part), false); });
  }
  pair.until([&] { return recorder->text.size() == sent.size(); });
  CHECK(recorder->text == sent);
  CHECK(recorder->drained > 0);
  CHECK(flow->id() == 10);
}

TEST_CASE("both ends know the endpoints of the connection") {
  NB_OVER_BOTH(pair);
  const auto listening = pair.listen();
  const auto connection = pair.dial(listening).value();
  CHECK(connection->remote_endpoint().address == listening.address);
  CHECK(connection->remote_endpoint().routing_id == routing_id(1));
  CHECK(connection->local_endpoint().routing_id == routing_id(2));
}

TEST_CASE("a close with the last payload arrives after it, and both ends are told once") {
  NB_OVER_BOTH(pair);
  const auto there = std::make_shared<Recorder>();
  std::shared_ptr<Flow> accepted;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) {
    accepted = flow;
    flow->listen(there);
  };
  const auto connection = pair.connect();
  const auto here = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, here);
  pair.on(*connection, [&] { flow->write(bytes("goodbye"), true); });
  pair.until([&] { return there->closed == 1 && here->closed == 1; });
  CHECK(there->text == "goodbye");
  CHECK(!there->why);
  CHECK(!here->why);
  CHECK(!flow->is_open());
  CHECK(!accepted->is_open());
}

TEST_CASE("payloads and the close that came before there was a listener are delivered when there is one") {
  NB_OVER_BOTH(pair);
  std::shared_ptr<Flow> accepted;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) { accepted = flow; };
  const auto connection = pair.connect();
  const auto flow = pair.open(*connection, std::make_shared<Recorder>());
  pair.on(*connection, [&] { flow->write(bytes("early"), true); });
  pair.until([&] { return accepted && !accepted->is_open(); });
  const auto there = std::make_shared<Recorder>();
  pair.on(accepted->connection(), [&] { accepted->listen(there); });
  CHECK(there->text == "early");
  CHECK(there->closed == 1);
}

namespace {

// Somebody's listener that does not know that nobody catches.
class Thrower final : public Recorder {
 public:
  void on_payload(nb::Bytes payload) override {
    Recorder::on_payload(std::move(payload));
    throw std::runtime_error("thrown by a listener");
  }
  void on_closed(const nb::Error& error) override {
    Recorder::on_closed(error);
    throw std::runtime_error("thrown at the end");
  }
};

}  // namespace

TEST_CASE("a listener that throws is reported, and neither its connection nor the other flows notice") {
  NB_OVER_BOTH(pair);
  const auto connection = pair.connect();
  const auto thrower = std::make_shared<Thrower>();
  const auto recorder = std::make_shared<Recorder>();
  const auto bad = pair.open(*connection, thrower);
  const auto good = pair.open(*connection, recorder);
  pair.on(*connection, [&] {
    bad->write(bytes("a"), false);
    good->write(bytes("b"), false);
  });
  pair.until([&] { return thrower->text == "a" && recorder->text == "b"; });
  pair.on(*connection, [&] { good->write(bytes("c"), false); });
  pair.until([&] { return recorder->text == "bc"; });
  CHECK(pair.log->count("thrown by a listener") == 1);
  pair.on(*connection, [&] { connection->close(nb::transport::bad_state("enough")); });
  pair.until([&] { return thrower->closed == 1 && recorder->closed == 1; });
  pair.until([&] { return pair.client->status().connections == 0; });
  CHECK(pair.log->count("thrown at the end") == 1);
}

namespace {

void check_that_the_peer_closes(Pair& pair) {
  const auto connection = pair.connect();
  const auto here = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, here);
  pair.on(*connection, [&] { flow->write(bytes("anybody?"), false); });
  pair.until([&] { return here->closed == 1; });
  CHECK(!here->why);
}

}  // namespace

TEST_CASE("a flow that nobody accepts is closed") {
  NB_OVER_BOTH(pair);
  pair.acceptor = [](const std::shared_ptr<Flow>&) {};
  check_that_the_peer_closes(pair);
}

TEST_CASE("a flow whose listener has gone is closed when something arrives for it") {
  NB_OVER_BOTH(pair);
  std::shared_ptr<Flow> kept;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) {
    kept = flow;
    const std::weak_ptr<Recorder> gone = std::make_shared<Recorder>();
    flow->listen(gone);
  };
  check_that_the_peer_closes(pair);
}

TEST_CASE("a reader that stops reading bounds the memory of the sender, and reading on lets the rest through") {
  constexpr std::size_t kWindow = 1 << 20;
  constexpr std::size_t kTotal = 100u << 20;
  constexpr std::size_t kChunk = 256 * 1024;
  NB_OVER_BOTH(pair);
  // The writer keeps at most one chunk queued, as the rpc layer does.
  struct Writer final : Recorder {
    std::shared_ptr<Flow> flow;
    std::size_t written = 0;
    void more() {
      while (written < kTotal && flow->pending() == 0) {
        flow->write(nb::Bytes(kChunk, 'x'), false);
        written += kChunk;
      }
    }
    void on_drained() override { more(); }
  };
  struct Reader final : Recorder {
    std::shared_ptr<Flow> flow;
    std::size_t read = 0;
    std::size_t unread = 0;
    bool is_stopped = false;
    void on_payload(nb::Bytes payload) override {
      read += payload.size();
      unread += payload.size();
      if (read > kTotal / 2 && unread <= payload.size()) is_stopped = true;
      if (!is_stopped) go_on();
    }
    void go_on() {
      flow->consumed(unread);
      unread = 0;
    }
  };
  const auto reader = std::make_shared<Reader>();
  pair.acceptor = [&](std::shared_ptr<Flow> flow) {
    reader->flow = flow;
    flow->listen(reader);
  };
  const auto connection = pair.connect();
  const auto writer = std::make_shared<Writer>();
  writer->flow = pair.open(*connection, writer);
  pair.on(*connection, [&] { writer->more(); });
  pair.until([&] { return reader->is_stopped; });
  // Until nothing moves any more: what is under way is at most the window, in whoever's buffers.
  std::size_t before = 0;
  while (before != writer->written + reader->read) {
    before = writer->written + reader->read;
    for (int i = 0; i < 1000; ++i) pair.poll();
  }
  CHECK(writer->written < kTotal);
  CHECK(reader->unread <= kWindow);
  CHECK(writer->flow->pending() <= kChunk);
  CHECK(writer->written - (reader->read - reader->unread) <= 2 * kWindow + kChunk);
  // Another flow is not held up by the full one.
  pair.acceptor = Echo::on;
  const auto other = std::make_shared<Recorder>();
  const auto other_flow = pair.open(*connection, other);
  pair.on(*connection, [&] { other_flow->write(bytes("still there?"), false); });
  pair.until([&] { return other->text == "still there?"; });

  reader->is_stopped = true;
  pair.on(reader->flow->connection(), [&] { reader->go_on(); });
  pair.until([&] {
    if (reader->unread > 0) pair.on(reader->flow->connection(), [&] { reader->go_on(); });
    return reader->read == kTotal;
  });
  writer->flow.reset();
  reader->flow.reset();
}

TEST_CASE("64 flows that share the pool all get on") {
  NB_OVER_BOTH(pair);
  const auto connection = pair.connect();
  constexpr int kFlows = 64;
  constexpr std::size_t kEach = 512 * 1024;  // together 32 times the pool
  struct Checker final : Recorder {
    std::shared_ptr<Flow> flow;
    std::size_t echoed = 0;
    void on_payload(nb::Bytes payload) override {
      echoed += payload.size();
      flow->consumed(payload.size());
    }
  };
  std::vector<std::shared_ptr<Checker>> flows;
  for (int i = 0; i < kFlows; ++i) {
    flows.push_back(std::make_shared<Checker>());
    flows.back()->flow = pair.open(*connection, flows.back());
  }
  pair.on(*connection, [&] {
    for (const auto& f : flows) f->flow->write(nb::Bytes(kEach, 'y'), false);
  });
  std::size_t least_when_first_ended = kEach;
  pair.until([&] {
    std::size_t least = kEach;
    std::size_t most = 0;
    for (const auto& f : flows) {
      least = std::min(least, f->echoed);
      most = std::max(most, f->echoed);
    }
    if (most == kEach && least_when_first_ended == kEach) least_when_first_ended = least;
    return least == kEach;
  });
  CHECK(least_when_first_ended > kEach / 4);  // nobody had to wait for somebody else's end
  for (const auto& f : flows) f->flow.reset();
}

TEST_CASE("thousands of flows are opened and closed on one connection, and nothing is left of them") {
  NB_OVER_BOTH(pair);
  const auto connection = pair.connect();
  constexpr int kRounds = 50;
  constexpr int kAtOnce = 100;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::shared_ptr<Recorder>> recorders;
    std::vector<std::shared_ptr<Flow>> flows;
    for (int i = 0; i < kAtOnce; ++i) {
      recorders.push_back(std::make_shared<Recorder>());
      flows.push_back(pair.open(*connection, recorders.back()));
    }
    pair.on(*connection, [&] {
      for (const auto& flow : flows) flow->write(bytes("ping"), false);
    });
    pair.until([&] {
      for (const auto& recorder : recorders) {
        if (recorder->text != "ping") return false;
      }
      return true;
    });
    pair.on(*connection, [&] {
      for (const auto& flow : flows) flow->close();
    });
  }
  CHECK(connection->is_open());
}

TEST_CASE("closing a connection tells its flows, both ends, and the peer reads the reason") {
  NB_OVER_BOTH(pair);
  std::shared_ptr<Flow> accepted;
  const auto there = std::make_shared<Recorder>();
  pair.acceptor = [&](std::shared_ptr<Flow> flow) {
    accepted = flow;
    flow->listen(there);
  };
  const auto connection = pair.connect();
  const auto here = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, here);
  pair.on(*connection, [&] { flow->write(bytes("x"), false); });
  pair.until([&] { return accepted != nullptr; });
  int told = 0;
  pair.on(*connection, [&] {
    connection->when_closed([&](const nb::Error&) { ++told; });
    flow->write(bytes("y"), false);  // still leaves, before the TearDown
    connection->close(nb::transport::bad_state("moving house"));
  });
  pair.until([&] { return here->closed == 1 && there->closed == 1 && told == 1; });
  CHECK(there->text == "xy");
  CHECK(there->why.message().find("moving house") != std::string::npos);
  CHECK(here->why);
  CHECK(!connection->is_open());
  pair.on(*connection, [&] { CHECK(!connection->open_flow()); });
  pair.on(*connection, [&] { connection->when_closed([&](const nb::Error&) { ++told; }); });
  pair.until([&] { return told == 2; });
  pair.until([&] { return pair.client->status().connections == 0 && pair.server->status().connections == 0; });
}

TEST_CASE("handles of flows and connections can be used after the end, and do nothing") {
  NB_OVER_BOTH(pair);
  const auto connection = pair.connect();
  const auto here = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, here);
  pair.on(*connection, [&] { connection->close(nb::transport::bad_state("done")); });
  pair.until([&] { return pair.client->status().connections == 0; });
  pair.on(*connection, [&] {
    flow->write(bytes("x"), true);
    flow->consumed(5);
    CHECK(flow->pending() == 0);
    flow->close();
    connection->close(nb::transport::bad_state("again"));
  });
  CHECK(here->closed == 1);
}

TEST_CASE("[F-27] every flow knows its connection, which is the same object for all flows of one") {
  NB_OVER_BOTH(pair);
  std::vector<std::shared_ptr<Flow>> accepted;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) { accepted.push_back(std::move(flow)); };
  const auto connection = pair.connect();
  const auto here = std::make_shared<Recorder>();
  std::vector<std::shared_ptr<Flow>> opened;
  for (int i = 0; i < 3; ++i) opened.push_back(pair.open(*connection, here));
  pair.on(*connection, [&] {
    for (const auto& flow : opened) flow->write(bytes("x"), false);
  });
  pair.until([&] { return accepted.size() == 3; });
  for (const auto& flow : opened) CHECK(&flow->connection() == connection.get());
  Connection& there = accepted[0]->connection();
  for (const auto& flow : accepted) CHECK(&flow->connection() == &there);
  CHECK(&there != connection.get());
  // Also for one that was opened the other way.
  const auto back = pair.open(there, here);
  CHECK(&back->connection() == &there);
  pair.on(there, [&] { back->write(bytes("y"), false); });
  pair.until([&] { return accepted.size() == 4; });
  CHECK(&accepted[3]->connection() == connection.get());
}

TEST_CASE(
    "what a flow has not sent when its connection loses its stream goes with the stream, though the flow is kept") {
  Pair pair("local");
  std::shared_ptr<Flow> there;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) { there = std::move(flow); };  // and takes nothing
  const auto connection = pair.connect();
  const auto here = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, here);
  pair.on(*connection, [&] { flow->write(nb::Bytes(5'000'000, 'x'), false); });
  pair.poll();
  auto& live = static_cast<LiveConnection&>(*connection);
  CHECK(live.pending(flow->id()) > 3'000'000);
  pair.client.reset();
  pair.until([&] { return here->closed == 1; });
  pair.poll();
  CHECK(live.pending(flow->id()) == 0);
}

TEST_CASE("a peer that never closes its end keeps a closed connection for the linger, and no longer") {
  Pair pair("local");
  std::shared_ptr<nb::transport::Stream> silent;
  nb::transport::ListenEvents events;
  events.pick_loop = [&] { return pair.loop->next(); };
  events.accepted = [&](std::shared_ptr<nb::transport::Stream> stream) { silent = std::move(stream); };
  const auto listener = pair.network->listen(pair.loop->next(), "local", "silent", std::move(events)).value();
  nb::naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = "silent";
  pair.client->dial(endpoint, {}, {}, [](const auto&) {});
  pair.until([&] { return silent != nullptr; });

  bool closed = false;
  pair.client->close([&] { closed = true; });
  pair.poll();
  pair.clock->advance(std::chrono::milliseconds(199));
  pair.poll();
  CHECK(!closed);
  CHECK(pair.client->status().connections == 1);
  pair.clock->advance(std::chrono::milliseconds(1));
  pair.poll();
  CHECK(closed);
  CHECK(pair.client->status().connections == 0);
  listener->close({});
}

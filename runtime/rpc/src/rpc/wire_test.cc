// What calls cost on the wire, counted in frames.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "rpc/options.h"
#include "rpc/testing/calc_service.h"

namespace nb::rpc {
namespace {

using transport::Stream;

// Counts the frames that are read: three bytes say the length of each, as what is missing to 2^24 - 1.
class FrameCounter {
 public:
  explicit FrameCounter(std::atomic<int>& frames) : frames_(frames) {}
  void see(BytesView bytes) {
    for (const std::uint8_t byte : bytes) {
      if (left_ > 0) {
        --left_;
        continue;
      }
      head_ = (head_ << 8) | byte;
      if (++head_bytes_ < 3) continue;
      left_ = 0xffffff - head_;
      head_ = head_bytes_ = 0;
      ++frames_;
    }
  }

 private:
  std::atomic<int>& frames_;
  std::size_t head_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t left_ = 0;
};

class CountedStream final : public Stream {
 public:
  CountedStream(std::shared_ptr<Stream> inner, std::atomic<int>& frames) : inner_(std::move(inner)), count_(frames) {}
  // Counted before anybody acts upon them, so that whoever has an answer finds its frames counted.
  void read_some(std::span<std::uint8_t> into, ReadDone done) override {
    inner_->read_some(into, [this, into, done = std::move(done)](Result<std::size_t> n) {
      count_.see(into.first(n.value_or(0)));
      done(std::move(n));
    });
  }
  void peek(PeekDone done) override { inner_->peek(std::move(done)); }
  Result<std::size_t> try_write(std::span<const BytesView> slices) override { return inner_->try_write(slices); }
  void when_writable(std::function<void()> done) override { inner_->when_writable(std::move(done)); }
  void shut_down_writes() override { inner_->shut_down_writes(); }
  void close() override { inner_->close(); }
  void abort() override { inner_->abort(); }
  const std::shared_ptr<transport::Loop>& loop() const override { return inner_->loop(); }
  const std::string& protocol() const override { return inner_->protocol(); }
  const std::string& local_address() const override { return inner_->local_address(); }
  const std::string& remote_address() const override { return inner_->remote_address(); }

 private:
  const std::shared_ptr<Stream> inner_;  // shared with its own handlers only
  FrameCounter count_;
};

// The in-memory network, with an ear at both ends of every connection.
class CountedNetwork final : public transport::MemoryNetwork {
 public:
  std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> connect(std::shared_ptr<transport::Loop> a,
                                                                      std::shared_ptr<transport::Loop> b) override {
    return inner_->connect(std::move(a), std::move(b));
  }
  void swallow(std::string address) override { inner_->swallow(std::move(address)); }
  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<transport::Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override {
    return inner_->dial(loop, protocol, address, options,
                        [this, done = std::move(done)](Result<std::shared_ptr<Stream>> stream) {
                          if (!stream) return done(stream.error());
                          done(std::shared_ptr<Stream>(std::make_shared<CountedStream>(std::move(*stream), answers)));
                        });
  }
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<transport::Loop>& loop,
                                                      const std::string& protocol, const std::string& address,
                                                      transport::ListenEvents events) override {
    events.accepted = [this, accepted = std::move(events.accepted)](std::shared_ptr<Stream> stream) {
      accepted(std::make_shared<CountedStream>(std::move(stream), requests));
    };
    return inner_->listen(loop, protocol, address, std::move(events));
  }

  std::atomic<int> requests = 0;
  std::atomic<int> answers = 0;

 private:
  const std::shared_ptr<transport::MemoryNetwork> inner_ = transport::MemoryNetwork::make();
};

}  // namespace

TEST_CASE("a unary call on a warm connection is one frame each way") {
  const auto network = std::make_shared<CountedNetwork>();
  const LocalNetwork local = LocalNetwork::make();
  local.core()->network = network;
  const RuntimeOptions options = RuntimeOptions()
                                     .threads(1)
                                     .log(std::make_shared<testing::Journal>())
                                     .principal(testing::stranger("alice"))
                                     .local_network(local);
  auto server_runtime = Runtime::make(options).value();
  auto client_runtime = Runtime::make(options).value();
  auto server =
      server_runtime.serve(std::make_shared<testing::Calc>(), ServerOptions().listen("local", "counted")).value();
  const calc::CalcClient client(client_runtime, server.name());
  const auto context = client_runtime.context();
  CHECK(*client.Add(context, 1, 2).get() == 3);  // connection, type flows, types

  const int requests = network->requests;
  const int answers = network->answers;
  for (int i = 0; i < 20; ++i) CHECK(*client.Add(context, i, 1).get() == i + 1);
  CHECK(network->requests - requests == 20);
  CHECK(network->answers - answers == 20);
}

TEST_CASE("[0-101] the names of a client are told once for a connection, and named by their number from then on") {
  const auto network = std::make_shared<CountedNetwork>();
  const LocalNetwork local = LocalNetwork::make();
  local.core()->network = network;
  const auto alice = testing::stranger("alice");
  const auto caller = testing::blessed_by(alice, "phone");
  const auto options = [&](const std::shared_ptr<const Principal>& principal) {
    return RuntimeOptions()
        .threads(1)
        .log(std::make_shared<testing::Journal>())
        .principal(principal)
        .local_network(local);
  };
  auto server_runtime = Runtime::make(options(alice)).value();
  auto client_runtime = Runtime::make(options(caller)).value();
  auto server =
      server_runtime.serve(std::make_shared<testing::Calc>(), ServerOptions().listen("local", "counted")).value();
  const calc::CalcClient client(client_runtime, server.name());
  const auto frames_of_call = [&] {
    const int before = network->requests;
    CHECK(*client.Add(client_runtime.context(), 1, 2).get() == 3);
    return network->requests - before;
  };
  frames_of_call();  // connection, type flows, types, and the names
  CHECK(frames_of_call() == 1);
  CHECK(frames_of_call() == 1);
  // Other names take one more message, the first time.
  const auto first = caller->store().default_blessings();
  const auto other = alice->bless(caller->public_key(), alice->store().default_blessings(), "pad", unconstrained_use());
  caller->set_default_blessings(*other).value();
  CHECK(frames_of_call() == 2);
  CHECK(frames_of_call() == 1);
  caller->set_default_blessings(first).value();
  CHECK(frames_of_call() == 1);
}

}  // namespace nb::rpc

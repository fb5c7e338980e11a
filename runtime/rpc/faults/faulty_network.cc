#include "faulty_network.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "flow/errors.h"

namespace nb::rpc::faults {

using transport::Loop;
using transport::Stream;

namespace {
constexpr std::uint64_t kOneDialOf = 40;           // fails
constexpr std::uint64_t kOneConnectionOf = 10;     // is never cut
constexpr std::uint64_t kLongestLife = 3'000'000;  // bytes before a cut
constexpr std::uint64_t kOneReadOf = 200;          // comes late
constexpr std::chrono::microseconds kLongestDelay(5000);
}  // namespace

// The dialer's end of a connection.
class FaultyStream final : public Stream {
 public:
  FaultyStream(std::shared_ptr<Stream> inner, std::shared_ptr<FaultyNetwork> network)
      : inner_(std::move(inner)), network_(std::move(network)), random_(network_->draw()) {
    // Short lives are the most frequent: connections end in the handshake, in a request, in an answer.
    if (random_() % kOneConnectionOf != 0) left_ = 1 + random_() % (1 + random_() % kLongestLife);
  }

  void read_some(std::span<std::uint8_t> into, ReadDone done) override {
    inner_->read_some(into, [this, done = std::move(done)](Result<std::size_t> n) mutable {
      if (!spend(n.value_or(0))) return done(flow::kNetwork("the connection was cut"));
      if (network_->is_calm_ || random_() % kOneReadOf != 0) return done(std::move(n));
      ++network_->delays_;
      const auto delay = kLongestDelay * static_cast<long>(random_() % 1000) / 1000;
      inner_->loop()->call_after(delay, [weak = std::weak_ptr(alive_), done = std::move(done), n = std::move(n)] {
        if (weak.lock() != nullptr) done(n);
      });
    });
  }
  void peek(PeekDone done) override { inner_->peek(std::move(done)); }
  Result<std::size_t> try_write(std::span<const BytesView> slices) override {
    if (was_cut_) return flow::kNetwork("the connection was cut");
    auto written = inner_->try_write(slices);
    if (!spend(written.value_or(0))) return flow::kNetwork("the connection was cut");
    return written;
  }
  void when_writable(std::function<void()> done) override {
    if (was_cut_) {
      inner_->loop()->post([weak = std::weak_ptr(alive_), done = std::move(done)] {
        if (weak.lock() != nullptr) done();
      });
      return;
    }
    inner_->when_writable(std::move(done));
  }
  void shut_down_writes() override { inner_->shut_down_writes(); }
  void close() override {
    alive_ = nullptr;
    inner_->close();
  }
  void abort() override {
    alive_ = nullptr;
    inner_->abort();
  }
  const std::shared_ptr<Loop>& loop() const override { return inner_->loop(); }
  const std::string& protocol() const override { return inner_->protocol(); }
  const std::string& local_address() const override { return inner_->local_address(); }
  const std::string& remote_address() const override { return inner_->remote_address(); }

 private:
  bool spend(std::size_t bytes) {
    if (was_cut_) return false;
    if (left_ == 0 || network_->is_calm_) return true;
    if (bytes < left_) {
      left_ -= bytes;
      return true;
    }
    was_cut_ = true;
    ++network_->cuts_;
    inner_->abort();
    return false;
  }

  const std::shared_ptr<Stream> inner_;  // shared with its own handlers only
  const std::shared_ptr<FaultyNetwork> network_;
  std::minstd_rand random_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // until it is closed
  std::uint64_t left_ = 0;                                      // bytes until it is cut; 0: never
  bool was_cut_ = false;
};

std::uint64_t FaultyNetwork::draw() {
  const std::lock_guard lock(mutex_);
  return random_();
}

std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> FaultyNetwork::connect(std::shared_ptr<Loop> a,
                                                                                   std::shared_ptr<Loop> b) {
  return inner_->connect(std::move(a), std::move(b));
}

std::shared_ptr<transport::Dialing> FaultyNetwork::dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                                        const std::string& address, transport::DialOptions options,
                                                        transport::DialDone done) {
  auto self = shared_from_this();
  const bool fails = !is_calm_ && draw() % kOneDialOf == 0;
  return inner_->dial(loop, protocol, address, options,
                      [self, fails, done = std::move(done)](Result<std::shared_ptr<Stream>> stream) {
                        if (!stream) return done(stream.error());
                        if (fails) {
                          ++self->failed_dials_;
                          (*stream)->abort();
                          return done(flow::kNetwork("nobody answers"));
                        }
                        done(std::shared_ptr<Stream>(std::make_shared<FaultyStream>(std::move(*stream), self)));
                      });
}

Result<std::shared_ptr<transport::Listener>> FaultyNetwork::listen(const std::shared_ptr<Loop>& loop,
                                                                   const std::string& protocol,
                                                                   const std::string& address,
                                                                   transport::ListenEvents events) {
  return inner_->listen(loop, protocol, address, std::move(events));
}

}  // namespace nb::rpc::faults

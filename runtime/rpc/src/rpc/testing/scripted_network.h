// The in-memory network, with a script: how each dial ends and when, and how each connection does. It remembers what
// was dialed, when, and what became of it. Safe from any thread; meant for loops that the test polls.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "transport/errors.h"
#include "transport/memory.h"

namespace nb::rpc::testing {

// A stream that the test can break: both ends then see that.
class BreakableStream final : public transport::Stream {
 public:
  explicit BreakableStream(std::shared_ptr<Stream> inner) : inner_(std::move(inner)) {}

  void break_now() {
    if (is_broken_ || is_closed_) return;
    is_broken_ = true;
    inner_->abort();
    if (auto done = std::exchange(reading_, nullptr)) done(broken());
    if (auto done = std::exchange(peeking_, nullptr)) done(broken());
    if (auto done = std::exchange(writing_, nullptr)) done();
  }
  bool is_open() const { return !is_broken_ && !is_closed_; }

  void read_some(std::span<std::uint8_t> into, ReadDone done) override {
    if (is_broken_) return loop()->defer([done = std::move(done)] { done(broken()); });
    reading_ = std::move(done);
    inner_->read_some(into, [this](Result<std::size_t> n) { std::exchange(reading_, nullptr)(std::move(n)); });
  }
  void peek(PeekDone done) override {
    if (is_broken_) return loop()->defer([done = std::move(done)] { done(broken()); });
    peeking_ = std::move(done);
    inner_->peek(
        [this](Result<std::optional<std::uint8_t>> byte) { std::exchange(peeking_, nullptr)(std::move(byte)); });
  }
  Result<std::size_t> try_write(std::span<const BytesView> slices) override {
    if (is_broken_) return broken();
    return inner_->try_write(slices);
  }
  void when_writable(std::function<void()> done) override {
    if (is_broken_) return loop()->defer(std::move(done));
    writing_ = std::move(done);
    inner_->when_writable([this] { std::exchange(writing_, nullptr)(); });
  }
  void shut_down_writes() override {
    if (!is_broken_) inner_->shut_down_writes();
  }
  void close() override { end(&Stream::close); }
  void abort() override { end(&Stream::abort); }
  const std::shared_ptr<transport::Loop>& loop() const override { return inner_->loop(); }
  const std::string& protocol() const override { return inner_->protocol(); }
  const std::string& local_address() const override { return inner_->local_address(); }
  const std::string& remote_address() const override { return inner_->remote_address(); }

 private:
  static Error broken() { return transport::network_error("the connection broke"); }
  void end(void (Stream::*how)()) {
    if (!is_closed_.exchange(true) && !is_broken_) (inner_.get()->*how)();
    reading_ = nullptr;
    peeking_ = nullptr;
    writing_ = nullptr;
  }

  const std::shared_ptr<Stream> inner_;  // shared with its own handlers only
  std::atomic<bool> is_broken_ = false;
  std::atomic<bool> is_closed_ = false;
  ReadDone reading_;
  PeekDone peeking_;
  std::function<void()> writing_;
};

class ScriptedNetwork final : public transport::MemoryNetwork, public std::enable_shared_from_this<ScriptedNetwork> {
 public:
  using Stream = transport::Stream;
  using Loop = transport::Loop;

  // ---- the script; for dials from now on ----

  // They wait until release() or fail().
  void hold(const std::string& address) {
    set([&] { held_.insert(address); });
  }
  // Those that wait go on, and others do not wait any more.
  void release(const std::string& address) {
    for (const auto& dial : take(address)) go_on(dial);
  }
  // Those that wait fail, and others too until heal().
  void fail(const std::string& address, const Error& why) {
    set([&] { failing_[address] = why; });
    for (const auto& dial : take(address)) end(dial, why);
  }
  void refuse(const std::string& address) {
    fail(address, transport::dial_failed("dialing local " + address + ": connection refused"));
  }
  void heal(const std::string& address) {
    set([&] { failing_.erase(address); });
  }
  void swallow(std::string address) override { hold(address); }
  // Connections to the address break, both ends at once.
  void cut(const std::string& address) {
    for (const auto& stream : open_streams(address)) {
      stream->loop()->post([stream] { stream->break_now(); });
    }
  }

  // ---- what happened ----

  std::size_t dials(const std::string& address) const { return dial_times(address).size(); }
  std::vector<Clock::Steady> dial_times(const std::string& address) const {
    return get([&] { return find(dialed_, address); });
  }
  std::vector<std::string> order_of_dials() const {
    return get([&] { return order_; });
  }
  // Dials that ended before they had a result, because nobody wanted it any more.
  int given_up(const std::string& address) const {
    return get([&] { return find(given_up_, address); });
  }
  int made(const std::string& address) const {
    return get([&] { return find(made_, address); });
  }                                                                                            // connections
  std::size_t open(const std::string& address) const { return open_streams(address).size(); }  // … that are there

  // ---- the network ----

  std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> connect(std::shared_ptr<Loop> a,
                                                                      std::shared_ptr<Loop> b) override {
    return inner_->connect(std::move(a), std::move(b));
  }
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                                      const std::string& address,
                                                      transport::ListenEvents events) override {
    return inner_->listen(loop, protocol, address, std::move(events));
  }
  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override {
    auto dial = std::make_shared<Dial>(shared_from_this(), loop, protocol, address, options, std::move(done));
    Error why;
    bool waits = false;
    set([&] {
      dialed_[address].push_back(loop->clock()->now());
      order_.push_back(address);
      waits = held_.contains(address);
      if (waits) {
        waiting_[address].push_back(dial);
      } else if (const auto found = failing_.find(address); found != failing_.end()) {
        why = found->second;
      }
    });
    if (options.deadline) {
      dial->timer = loop->call_at(*options.deadline, [weak = std::weak_ptr(dial)] {
        if (const auto self = weak.lock()) end(self, transport::dial_timed_out("local " + self->address));
      });
    }
    if (why) end(dial, why);
    if (!waits && !why) go_on(dial);
    return dial;
  }

 private:
  struct Dial final : transport::Dialing {
    Dial(std::shared_ptr<ScriptedNetwork> network_, std::shared_ptr<Loop> loop_, std::string protocol_,
         std::string address_, transport::DialOptions options_, transport::DialDone done_)
        : network(std::move(network_)),
          loop(std::move(loop_)),
          protocol(std::move(protocol_)),
          address(std::move(address_)),
          options(options_),
          done(std::move(done_)) {}
    ~Dial() override {
      loop->forget(timer);
      if (done != nullptr) network->set([this] { ++network->given_up_[address]; });
    }

    const std::shared_ptr<ScriptedNetwork> network;
    const std::shared_ptr<Loop> loop;
    const std::string protocol;
    const std::string address;
    const transport::DialOptions options;
    transport::DialDone done;  // empty: it has its result
    TimerId timer = TimerId::kNone;
    std::shared_ptr<transport::Dialing> inner;
  };

  template <class F>
  void set(F f) {
    const std::lock_guard lock(mutex_);
    f();
  }
  template <class F>
  std::invoke_result_t<F&> get(F f) const {
    const std::lock_guard lock(mutex_);
    return f();
  }
  template <class Map>
  static typename Map::mapped_type find(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
  }

  std::vector<std::shared_ptr<Dial>> take(const std::string& address) {
    const std::lock_guard lock(mutex_);
    held_.erase(address);
    std::vector<std::shared_ptr<Dial>> dials;
    for (const auto& weak : waiting_[address]) {
      if (auto dial = weak.lock()) dials.push_back(std::move(dial));
    }
    waiting_.erase(address);
    return dials;
  }

  // Never before dial() returns, and on the loop.
  static void end(const std::shared_ptr<Dial>& dial, const Error& why) {
    dial->loop->post([weak = std::weak_ptr(dial), why] {
      const auto self = weak.lock();
      if (self && self->done) std::exchange(self->done, nullptr)(why);
    });
  }
  static void go_on(const std::shared_ptr<Dial>& dial) {
    dial->loop->post([weak = std::weak_ptr(dial)] {
      const auto self = weak.lock();
      if (!self || !self->done) return;
      self->inner = self->network->inner_->dial(self->loop, self->protocol, self->address, {},
                                                [weak](Result<std::shared_ptr<Stream>> stream) {
                                                  const auto still = weak.lock();
                                                  if (!still || !still->done) return;
                                                  if (stream) stream = still->network->watch(still->address, *stream);
                                                  std::exchange(still->done, nullptr)(std::move(stream));
                                                });
    });
  }
  std::shared_ptr<Stream> watch(const std::string& address, std::shared_ptr<Stream> stream) {
    auto watched = std::make_shared<BreakableStream>(std::move(stream));
    const std::lock_guard lock(mutex_);
    ++made_[address];
    streams_[address].push_back(watched);
    return watched;
  }
  std::vector<std::shared_ptr<BreakableStream>> open_streams(const std::string& address) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<BreakableStream>> open;
    const auto found = streams_.find(address);
    if (found == streams_.end()) return open;
    for (const auto& weak : found->second) {
      auto stream = weak.lock();
      if (stream && stream->is_open()) open.push_back(std::move(stream));
    }
    return open;
  }

  const std::shared_ptr<transport::MemoryNetwork> inner_ = transport::MemoryNetwork::make();
  mutable std::mutex mutex_;
  std::set<std::string> held_;
  std::map<std::string, Error> failing_;
  std::map<std::string, std::vector<std::weak_ptr<Dial>>> waiting_;
  std::map<std::string, std::vector<Clock::Steady>> dialed_;
  std::vector<std::string> order_;
  std::map<std::string, int> given_up_;
  std::map<std::string, int> made_;
  std::map<std::string, std::vector<std::weak_ptr<BreakableStream>>> streams_;
};

}  // namespace nb::rpc::testing

#include "transport/memory.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "transport/errors.h"
#include "transport/memory_stream.h"

namespace nb::transport {
namespace {

class MemoryListener;

class Network final : public MemoryNetwork, public std::enable_shared_from_this<Network> {
 public:
  explicit Network(std::size_t capacity) : capacity_(capacity) {}

  std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> connect(std::shared_ptr<Loop> a,
                                                                      std::shared_ptr<Loop> b) override {
    return connect(std::move(a), std::move(b), "acceptor");
  }

  void swallow(std::string address) override {
    std::lock_guard lock(mutex_);
    swallowed_.insert(std::move(address));
  }

  std::shared_ptr<Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                const std::string& address, DialOptions options, DialDone done) override;
  Result<std::shared_ptr<Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, ListenEvents events) override;

  bool swallows(const std::string& address) {
    std::lock_guard lock(mutex_);
    return swallowed_.contains(address);
  }

  // Makes the connection, hands the far end to the listener there and gives the near one; null: nobody listens.
  std::shared_ptr<Stream> reach(const std::shared_ptr<Loop>& loop, const std::string& address);

  void forget(const std::string& address) {
    std::lock_guard lock(mutex_);
    listeners_.erase(address);
  }

 private:
  std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> connect(std::shared_ptr<Loop> a, std::shared_ptr<Loop> b,
                                                                      const std::string& address) {
    auto there = std::make_shared<MemoryPipe>(capacity_);
    auto back = std::make_shared<MemoryPipe>(capacity_);
    const std::string dialer = "dialer of " + address;
    return {make_memory_stream(std::move(a), back, there, dialer, address),
            make_memory_stream(std::move(b), there, back, address, dialer)};
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<MemoryListener>> listeners_;
  std::set<std::string> swallowed_;
  std::uint64_t next_name_ = 1;
};

class MemoryListener final : public Listener, public std::enable_shared_from_this<MemoryListener> {
 public:
  MemoryListener(std::shared_ptr<Network> network, std::string address, ListenEvents events)
      : network_(std::move(network)), address_(std::move(address)), events_(std::move(events)) {}

  const std::string& protocol() const override { return protocol_; }
  const std::string& address() const override { return address_; }

  void close(std::function<void()> done) override {
    network_->forget(address_);
    {
      std::lock_guard lock(mutex_);
      events_ = {};
    }
    if (done) done();
  }

  ListenEvents events() {
    std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  const std::shared_ptr<Network> network_;  // shared: the address is taken there
  const std::string protocol_ = "local";
  const std::string address_;
  std::mutex mutex_;
  ListenEvents events_;  // empty: closed
};

class MemoryDialing final : public Dialing, public std::enable_shared_from_this<MemoryDialing> {
 public:
  MemoryDialing(std::shared_ptr<Loop> loop, std::shared_ptr<Network> network, std::string address, DialDone done)
      : loop_(std::move(loop)), network_(std::move(network)), address_(std::move(address)), done_(std::move(done)) {}

  ~MemoryDialing() override { loop_->forget(timer_); }

  void start(const DialOptions& options) {
    if (options.deadline) {
      timer_ = loop_->call_at(*options.deadline, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->finish(dial_timed_out("local " + self->address_));
      });
    }
    if (network_->swallows(address_)) return;
    loop_->post([weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self || !self->done_) return;
      auto stream = self->network_->reach(self->loop_, self->address_);
      if (!stream) return self->finish(dial_failed("dialing local " + self->address_ + ": connection refused"));
      self->finish(std::move(stream));
    });
  }

 private:
  void finish(Result<std::shared_ptr<Stream>> result) {
    if (!done_) return;
    loop_->forget(timer_);
    std::exchange(done_, nullptr)(std::move(result));
  }

  const std::shared_ptr<Loop> loop_;        // shared by what lives on it
  const std::shared_ptr<Network> network_;  // shared by those who dial and listen
  const std::string address_;
  DialDone done_;  // empty: finished
  TimerId timer_ = TimerId::kNone;
};

std::shared_ptr<Dialing> Network::dial(const std::shared_ptr<Loop>& loop, const std::string&,
                                       const std::string& address, DialOptions options, DialDone done) {
  auto dialing = std::make_shared<MemoryDialing>(loop, shared_from_this(), address, std::move(done));
  dialing->start(options);
  return dialing;
}

Result<std::shared_ptr<Listener>> Network::listen(const std::shared_ptr<Loop>&, const std::string&,
                                                  const std::string& address, ListenEvents events) {
  std::lock_guard lock(mutex_);
  std::string name = address;
  if (name.empty() || name == ":0") name = "listener-" + std::to_string(next_name_++);
  if (const auto it = listeners_.find(name); it != listeners_.end() && !it->second.expired()) {
    return network_error("listening on local " + name + ": address already in use");
  }
  auto listener = std::make_shared<MemoryListener>(shared_from_this(), name, std::move(events));
  listeners_[name] = listener;
  return std::shared_ptr<Listener>(std::move(listener));
}

std::shared_ptr<Stream> Network::reach(const std::shared_ptr<Loop>& loop, const std::string& address) {
  std::shared_ptr<MemoryListener> listener;
  {
    std::lock_guard lock(mutex_);
    if (const auto it = listeners_.find(address); it != listeners_.end()) listener = it->second.lock();
  }
  if (!listener) return nullptr;
  const ListenEvents events = listener->events();
  if (!events.accepted) return nullptr;
  auto far_loop = events.pick_loop();
  auto [near_end, far_end] = connect(loop, far_loop, address);
  far_loop->post([accepted = events.accepted, end = std::move(far_end)] { accepted(end); });
  return std::move(near_end);
}

}  // namespace

std::shared_ptr<MemoryNetwork> MemoryNetwork::make(std::size_t capacity) { return std::make_shared<Network>(capacity); }

}  // namespace nb::transport

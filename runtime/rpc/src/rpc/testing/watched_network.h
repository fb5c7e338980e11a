// A network in memory that a test watches, and that lets dials wait until the test says so.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rpc/options.h"
#include "transport/memory.h"

namespace nb::rpc::testing {

class WatchedNetwork final : public transport::MemoryNetwork {
 public:
  // A network for runtimes, and this in it.
  static std::pair<LocalNetwork, std::shared_ptr<WatchedNetwork>> make() {
    const LocalNetwork local = LocalNetwork::make();
    auto network = std::make_shared<WatchedNetwork>();
    local.core()->network = network;
    return {local, network};
  }

  // From now on, dials to the address only begin.
  void hold(const std::string& address) {
    const std::lock_guard lock(mutex_);
    held_.insert(address);
  }
  // They go on, those that nobody has given up.
  void release(const std::string& address) {
    std::vector<std::shared_ptr<Held>> waiting;
    {
      const std::lock_guard lock(mutex_);
      held_.erase(address);
      waiting.swap(waiting_[address]);
    }
    for (const auto& each : waiting) {
      each->loop->post([each, inner = inner_] {
        if (each->is_given_up) return;
        each->dialing = inner->dial(each->loop, "local", each->address, each->options, std::move(each->done));
      });
    }
  }
  int dials(const std::string& address) const {
    const std::lock_guard lock(mutex_);
    const auto found = dials_.find(address);
    return found == dials_.end() ? 0 : found->second;
  }
  // Of those that were held.
  int given_up(const std::string& address) const {
    const std::lock_guard lock(mutex_);
    const auto found = given_up_.find(address);
    return found == given_up_.end() ? 0 : found->second;
  }

  std::pair<std::shared_ptr<transport::Stream>, std::shared_ptr<transport::Stream>> connect(
      std::shared_ptr<transport::Loop> a, std::shared_ptr<transport::Loop> b) override {
    return inner_->connect(std::move(a), std::move(b));
  }
  void swallow(std::string address) override { inner_->swallow(std::move(address)); }
  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<transport::Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override {
    {
      const std::lock_guard lock(mutex_);
      ++dials_[address];
      if (held_.contains(address)) {
        auto held = std::make_shared<Held>(*this, loop, address, options, std::move(done));
        waiting_[address].push_back(held);
        return std::make_shared<Handle>(held);
      }
    }
    return inner_->dial(loop, protocol, address, options, std::move(done));
  }
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<transport::Loop>& loop,
                                                      const std::string& protocol, const std::string& address,
                                                      transport::ListenEvents events) override {
    return inner_->listen(loop, protocol, address, std::move(events));
  }

 private:
  // On its loop, but for its making.
  struct Held {
    Held(WatchedNetwork& network_, std::shared_ptr<transport::Loop> loop_, std::string address_,
         transport::DialOptions options_, transport::DialDone done_)
        : network(network_),
          loop(std::move(loop_)),
          address(std::move(address_)),
          options(options_),
          done(std::move(done_)) {}
    WatchedNetwork& network;
    const std::shared_ptr<transport::Loop> loop;
    const std::string address;
    const transport::DialOptions options;
    transport::DialDone done;
    bool is_given_up = false;
    std::shared_ptr<transport::Dialing> dialing;
  };
  class Handle final : public transport::Dialing {
   public:
    explicit Handle(std::shared_ptr<Held> held) : held_(std::move(held)) {}
    ~Handle() override {
      held_->is_given_up = true;
      held_->dialing = nullptr;
      held_->done = nullptr;
      const std::lock_guard lock(held_->network.mutex_);
      ++held_->network.given_up_[held_->address];
    }

   private:
    const std::shared_ptr<Held> held_;  // shared with the network, which may let it go on
  };

  const std::shared_ptr<transport::MemoryNetwork> inner_ = transport::MemoryNetwork::make();
  mutable std::mutex mutex_;  // guards the rest
  std::set<std::string> held_;
  std::map<std::string, std::vector<std::shared_ptr<Held>>> waiting_;
  std::map<std::string, int> dials_;
  std::map<std::string, int> given_up_;
};

}  // namespace nb::rpc::testing

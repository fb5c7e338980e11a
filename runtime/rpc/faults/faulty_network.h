// FaultyNetwork: the in-memory network, on which connections are cut after some bytes, data comes late and dials fail.
// What happens is drawn from a seed; how it meets with threads is not.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>

#include "transport/memory.h"

namespace nb::rpc::faults {

class FaultyNetwork final : public transport::MemoryNetwork, public std::enable_shared_from_this<FaultyNetwork> {
 public:
  explicit FaultyNetwork(std::uint64_t seed) : random_(seed) {}

  // From now on it behaves like any other; connections that are there stay as they are.
  void calm_down() { is_calm_ = true; }
  std::uint64_t cuts() const { return cuts_; }
  std::uint64_t delays() const { return delays_; }
  std::uint64_t failed_dials() const { return failed_dials_; }

  std::pair<std::shared_ptr<transport::Stream>, std::shared_ptr<transport::Stream>> connect(
      std::shared_ptr<transport::Loop> a, std::shared_ptr<transport::Loop> b) override;
  void swallow(std::string address) override { inner_->swallow(std::move(address)); }
  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<transport::Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override;
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<transport::Loop>& loop,
                                                      const std::string& protocol, const std::string& address,
                                                      transport::ListenEvents events) override;

 private:
  friend class FaultyStream;
  std::uint64_t draw();

  const std::shared_ptr<transport::MemoryNetwork> inner_ = transport::MemoryNetwork::make();
  std::mutex mutex_;
  std::mt19937_64 random_;  // guarded by mutex_
  std::atomic<bool> is_calm_ = false;
  std::atomic<std::uint64_t> cuts_ = 0;
  std::atomic<std::uint64_t> delays_ = 0;
  std::atomic<std::uint64_t> failed_dials_ = 0;
};

}  // namespace nb::rpc::faults

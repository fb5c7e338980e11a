// Ledger: a service that notes which calls have reached it, so that a call whose method ran twice is found.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <nb/rpc/bind.h>
#include <nb/rpc/server.h>

namespace nb::rpc::faults {

class Ledger final : public Service {
 public:
  explicit Ledger(std::size_t calls) : runs_(calls) {}

  Reply<std::int64_t> Book(ServerCall& call, std::int64_t id);                         // 3 * id
  Reply<std::int64_t> Late(ServerCall& call, std::int64_t id, std::int64_t delay_us);  // 3 * id, after the delay
  Reply<Bytes> Fill(ServerCall& call, std::int64_t id, std::int64_t size);             // so many bytes
  Reply<void> Refuse(ServerCall& call, std::int64_t id);                               // an error of its own
  Reply<std::int64_t> Follow(ServerCall& call, std::int64_t id,
                             ServerStream<std::int64_t, std::int64_t>& stream);  // echoes; how many
  Reply<std::int64_t> Count(ServerCall& call, std::int64_t id, std::int64_t upto,
                            ServerStream<void, std::int64_t>& stream);  // 0 … upto - 1; upto
  Reply<std::int64_t> Sum(ServerCall& call, std::int64_t id, ServerStream<std::int64_t, void>& stream);

  const ServiceDescriptor& service_descriptor() const override;

  int runs(std::int64_t id) const { return runs_[static_cast<std::size_t>(id)]; }
  std::int64_t running() const { return running_; }

 private:
  // A method of a call, as long as it runs or its coroutine is there.
  class Body {
   public:
    Body(Ledger& ledger, std::int64_t id) : ledger_(ledger) {
      ++ledger_.running_;
      if (id >= 0 && static_cast<std::size_t>(id) < ledger_.runs_.size()) ++ledger_.runs_[static_cast<std::size_t>(id)];
    }
    ~Body() { --ledger_.running_; }
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

   private:
    Ledger& ledger_;
  };

  std::vector<std::atomic<std::uint8_t>> runs_;
  std::atomic<std::int64_t> running_ = 0;
};

// What Refuse answers.
inline constexpr StandardError kRefused{"nb/rpc/faults.Refused", NoRetry, "refused"};

}  // namespace nb::rpc::faults

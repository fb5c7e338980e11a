// Our implementation of exchange.Exchange, which Go clients call.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <nb/security/principal.h>
#include <nb/services/discharger.h>

#include "exchange/exchange.rpc.h"
#include "v.io/x/ref/services/discharger/discharger.rpc.h"

namespace calls {

class Exchange final : public exchange::ExchangeServer {
 public:
  nb::Reply<exchange::ExchangeMixResults> Mix(nb::ServerCall&, std::int32_t a, std::string b, nb::Bytes c,
                                              exchange::Item d, nb::Map<std::string, double> e) override;
  nb::Reply<nb::Bytes> Echo(nb::ServerCall&, nb::Bytes data) override;
  nb::Reply<void> Refuse(nb::ServerCall&, std::string reason, std::int32_t code) override;
  nb::Reply<void> Count(nb::ServerCall&, std::int32_t upto, nb::ServerStream<void, exchange::Item>& stream) override;
  nb::Reply<exchange::ExchangeSumResults> Sum(nb::ServerCall&, nb::ServerStream<exchange::Item, void>& stream) override;
  nb::Reply<std::int32_t> Chat(nb::ServerCall&, nb::ServerStream<std::string, std::string>& stream) override;
  nb::Reply<std::int32_t> Later(nb::ServerCall&, nb::ServerStream<std::string, std::string>& stream) override;
  nb::Reply<std::int32_t> Early(nb::ServerCall&, std::int32_t upto,
                                nb::ServerStream<std::string, std::string>& stream) override;
  nb::Reply<std::uint64_t> Download(nb::ServerCall&, std::int64_t size,
                                    nb::ServerStream<void, nb::Bytes>& stream) override;
  nb::Reply<exchange::ExchangeUploadResults> Upload(nb::ServerCall&,
                                                    nb::ServerStream<nb::Bytes, void>& stream) override;
  nb::Reply<std::string> Granted(nb::ServerCall& call) override;
  nb::Reply<void> Wait(nb::ServerCall& call, std::int32_t milliseconds) override;
  nb::Reply<exchange::ExchangeWaitsResults> Waits(nb::ServerCall&) override;

 private:
  std::atomic<std::int32_t> begun_ = 0;
  std::atomic<std::int32_t> cancelled_ = 0;
};

class Office final : public x::ref::services::discharger::DischargerServer {
 public:
  explicit Office(std::shared_ptr<const nb::Principal> principal) : options_(std::move(principal)) {}
  nb::Reply<v23::security::WireDischarge> Discharge(nb::ServerCall& call, nb::Caveat caveat,
                                                    v23::security::DischargeImpetus impetus) override;
  // Of the last question the first server, the method, and the first argument as text.
  std::string impetus() const;

 private:
  const nb::DischargerOptions options_;
  mutable std::mutex mutex_;
  v23::security::DischargeImpetus impetus_;
};

// One at a time uses it.
class Safe final : public exchange::SafeServer {
 public:
  nb::Reply<std::string> Look(nb::ServerCall&) override { return value_; }
  nb::Reply<void> Put(nb::ServerCall&, std::string value) override {
    value_ = std::move(value);
    return {};
  }
  nb::Reply<void> Follow(nb::ServerCall&, std::int32_t times, nb::ServerStream<void, std::string>& stream) override;
  nb::Reply<void> Shake(nb::ServerCall&) override { return {}; }

 private:
  std::string value_ = "gold";
};

}  // namespace calls

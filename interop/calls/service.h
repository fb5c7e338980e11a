// Our implementation of exchange.Exchange, which Go clients call.
#pragma once

#include <atomic>

#include "exchange/exchange.rpc.h"

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

}  // namespace calls

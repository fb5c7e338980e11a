#include "service.h"

#include <chrono>
#include <vector>

#include "bulk.h"

namespace calls {

nb::Reply<exchange::ExchangeMixResults> Exchange::Mix(nb::ServerCall&, std::int32_t a, std::string b, nb::Bytes c,
                                                      exchange::Item d, nb::Map<std::string, double> e) {
  const std::int64_t sum = a + d.Count;
  for (const auto& [key, value] : e) b += key;
  d.Data = std::move(c);
  return exchange::ExchangeMixResults(sum, std::move(b), std::move(d));
}

nb::Reply<nb::Bytes> Exchange::Echo(nb::ServerCall&, nb::Bytes data) { return data; }

nb::Reply<void> Exchange::Refuse(nb::ServerCall&, std::string reason, std::int32_t code) {
  return exchange::Refused(reason, code);
}

nb::Reply<void> Exchange::Count(nb::ServerCall&, std::int32_t upto, nb::ServerStream<void, exchange::Item>& stream) {
  for (std::int32_t i = 1; i <= upto; ++i) {
    exchange::Item item("item " + std::to_string(i), i, i / 2.0, nb::Bytes(static_cast<std::size_t>(i), 7));
    if (auto sent = co_await stream.send(std::move(item)); !sent) co_return sent.error();
  }
  co_return {};
}

nb::Reply<exchange::ExchangeSumResults> Exchange::Sum(nb::ServerCall&, nb::ServerStream<exchange::Item, void>& stream) {
  exchange::ExchangeSumResults results;
  while (auto item = co_await stream.recv()) {
    results.total += item->Count;
    ++results.items;
  }
  co_return results;
}

nb::Reply<std::int32_t> Exchange::Chat(nb::ServerCall&, nb::ServerStream<std::string, std::string>& stream) {
  std::int32_t texts = 0;
  while (auto text = co_await stream.recv()) {
    ++texts;
    std::string reversed(text->rbegin(), text->rend());
    if (auto sent = co_await stream.send(std::move(reversed)); !sent) co_return sent.error();
  }
  co_return texts;
}

nb::Reply<std::int32_t> Exchange::Later(nb::ServerCall&, nb::ServerStream<std::string, std::string>& stream) {
  std::vector<std::string> texts;
  while (auto text = co_await stream.recv()) texts.push_back(*std::move(text));
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
    if (auto sent = co_await stream.send(*text); !sent) co_return sent.error();
  }
  co_return static_cast<std::int32_t>(texts.size());
}

nb::Reply<std::int32_t> Exchange::Early(nb::ServerCall&, std::int32_t upto,
                                        nb::ServerStream<std::string, std::string>& stream) {
  std::string all;
  for (std::int32_t i = 0; i < upto; ++i) {
    auto text = co_await stream.recv();
    if (!text) co_return i;
    all += *text;
  }
  if (auto sent = co_await stream.send(std::move(all)); !sent) co_return sent.error();
  co_return upto;
}

nb::Reply<v23::security::WireDischarge> Office::Discharge(nb::ServerCall& call, nb::Caveat caveat,
                                                          v23::security::DischargeImpetus impetus) {
  {
    const std::lock_guard lock(mutex_);
    impetus_ = std::move(impetus);
  }
  return nb::issue_discharge(options_, call.context(), call.security(), caveat);
}

std::string Office::impetus() const {
  const std::lock_guard lock(mutex_);
  std::string told = impetus_.Server.empty() ? "-" : static_cast<const std::string&>(impetus_.Server.front());
  told += " " + impetus_.Method;
  if (impetus_.Arguments.empty()) return told;
  const auto data = impetus_.Arguments.front().as<nb::Bytes>();
  return told + " " + (data ? std::string(data->begin(), data->end()) : "?");
}

nb::Reply<void> Safe::Follow(nb::ServerCall&, std::int32_t times, nb::ServerStream<void, std::string>& stream) {
  for (std::int32_t i = 0; i < times; ++i) {
    if (auto sent = co_await stream.send(value_); !sent) co_return sent.error();
  }
  co_return {};
}

nb::Reply<std::uint64_t> Exchange::Download(nb::ServerCall&, std::int64_t size,
                                            nb::ServerStream<void, nb::Bytes>& stream) {
  BulkSource source;
  Checksum checksum;
  while (checksum.size() < size) {
    nb::Bytes chunk = source.next(kChunk);
    checksum.add(chunk);
    if (auto sent = co_await stream.send(std::move(chunk)); !sent) co_return sent.error();
  }
  co_return checksum.sum();
}

nb::Reply<exchange::ExchangeUploadResults> Exchange::Upload(nb::ServerCall&,
                                                            nb::ServerStream<nb::Bytes, void>& stream) {
  Checksum checksum;
  while (auto chunk = co_await stream.recv()) checksum.add(*chunk);
  exchange::ExchangeUploadResults results(checksum.size(), checksum.sum());
  co_return results;
}

nb::Reply<std::string> Exchange::Granted(nb::ServerCall& call) { return call.granted_blessings().to_string(); }

nb::Reply<void> Exchange::Wait(nb::ServerCall& call, std::int32_t milliseconds) {
  ++begun_;
  auto state = nb::make_pending<nb::rpc::DoneState>(nb::Executor());
  auto registration =
      call.context().with_timeout(std::chrono::milliseconds(milliseconds)).on_end([state](const nb::Error&) {
        state->complete(nb::Result<void>());
      });
  nb::Pending<nb::Result<void>> end(state);
  (void)co_await end;
  if (!call.cancelled()) co_return {};
  ++cancelled_;
  co_return call.context().error();
}

nb::Reply<exchange::ExchangeWaitsResults> Exchange::Waits(nb::ServerCall&) {
  return exchange::ExchangeWaitsResults(begun_.load(), cancelled_.load());
}

}  // namespace calls

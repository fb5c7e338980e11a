// For tests: a protocol whose listeners do what the test says: accept streams in memory, run out of descriptors, die.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "transport/errors.h"
#include "transport/memory.h"

namespace nb::conn::testing {

class FakeListener final : public transport::Listener {
 public:
  FakeListener(std::string protocol, std::string address, transport::ListenEvents events_)
      : events(std::move(events_)), protocol_(std::move(protocol)), address_(std::move(address)) {}
  const std::string& protocol() const override { return protocol_; }
  const std::string& address() const override { return address_; }
  void close(std::function<void()> done) override {
    is_closed = true;
    if (done) done();
  }

  transport::ListenEvents events;
  bool is_closed = false;

 private:
  const std::string protocol_;
  const std::string address_;
};

class FakeProtocol final : public transport::Protocol {
 public:
  explicit FakeProtocol(std::shared_ptr<transport::MemoryNetwork> network) : network_(std::move(network)) {}

  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<transport::Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override {
    return network_->dial(loop, protocol, address, options, std::move(done));
  }
  // Bound to the address that was asked for.
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<transport::Loop>&,
                                                      const std::string& protocol, const std::string& address,
                                                      transport::ListenEvents events) override {
    if (refuses) return transport::network_error("listening on " + address + ": refused");
    listener = std::make_shared<FakeListener>(protocol, address, std::move(events));
    return std::shared_ptr<transport::Listener>(listener);
  }

  std::shared_ptr<FakeListener> listener;  // the latest one
  bool refuses = false;

 private:
  const std::shared_ptr<transport::MemoryNetwork> network_;
};

}  // namespace nb::conn::testing

// An implementation of vault::VaultServer, a discharger, and a world in which tests of authority take place.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nb/rpc/bind.h>
#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "rpc/testing/calc_service.h"
#include "rpc/testing/family.h"
#include "vault/vault.rpc.h"

namespace nb::rpc::testing {

class Vault final : public vault::VaultServer {
 public:
  Reply<std::string> Get(ServerCall&) override { return ++calls, value_; }
  Reply<void> Put(ServerCall&, std::string value) override {
    ++calls;
    value_ = std::move(value);
    return {};
  }
  Reply<void> Both(ServerCall&) override { return ++calls, Reply<void>(); }
  Reply<void> None(ServerCall&) override { return ++calls, Reply<void>(); }
  Reply<void> Alike(ServerCall&) override { return ++calls, Reply<void>(); }
  Reply<std::vector<std::string>> Names(ServerCall& call) override { return ++calls, call.remote_names().valid; }
  Reply<std::vector<std::string>> Given(ServerCall& call) override {
    ++calls;
    return call.granted_blessings().claimed_names();
  }
  Reply<void> Follow(ServerCall&, ServerStream<std::int32_t, std::int32_t>& stream) override {
    ++calls;
    while (auto item = co_await stream.recv()) {
      if (auto sent = co_await stream.send(*item); !sent) co_return sent.error();
    }
    co_return {};
  }

  std::atomic<int> calls = 0;

 private:
  std::string value_ = "gold";
};

// Issues whatever `issue` gives, and remembers what it was asked with.
class TestDischarger final : public Service {
 public:
  using Impetus = v23::security::DischargeImpetus;
  using Issue = std::function<Result<Discharge>(const Caveat&)>;
  explicit TestDischarger(Issue issue) : issue_(std::move(issue)) {}

  Reply<Discharge> answer(ServerCall& call, Caveat caveat, Impetus impetus) {
    const std::lock_guard lock(mutex_);
    impetuses_.push_back(std::move(impetus));
    callers_.push_back(call.remote_names().valid);
    return issue_(caveat);
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{{}, {bind<&TestDischarger::answer>("Discharge")}};
    return descriptor;
  }
  std::vector<Impetus> impetuses() const {
    const std::lock_guard lock(mutex_);
    return impetuses_;
  }

 private:
  const Issue issue_;
  mutable std::mutex mutex_;
  std::vector<Impetus> impetuses_;
  std::vector<std::vector<std::string>> callers_;
};

// Runtimes that share nothing but a network, and whom each acts as.
struct Town {
  explicit Town(std::shared_ptr<Clock> its_clock = system_clock()) : clock(std::move(its_clock)) {}

  Runtime runtime(std::shared_ptr<const Principal> principal) const {
    return Runtime::make(RuntimeOptions()
                             .threads(1)
                             .log(journal)
                             .clock(clock)
                             .local_network(network)
                             .grace(std::chrono::milliseconds(200))
                             .principal(std::move(principal)))
        .value();
  }
  // At a place of its own.
  ServerOptions at(std::string place) const {
    return ServerOptions().listen("local", std::move(place)).grace(std::chrono::milliseconds(200));
  }

  std::shared_ptr<Clock> clock;
  std::shared_ptr<Journal> journal = std::make_shared<Journal>();
  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = stranger("alice");
};

// A vault of alice's in a town, and a client of it.
struct VaultWorld : Town {
  explicit VaultWorld(const ServerOptions& options = ServerOptions(), std::shared_ptr<Clock> its_clock = system_clock())
      : Town(std::move(its_clock)),
        server_runtime(runtime(alice)),
        server(server_runtime.serve(vault, ServerOptions(options).listen("local", "vault")).value()) {}

  // A client that acts as this one, and lives as long as the world.
  vault::VaultClient client_of(std::shared_ptr<const Principal> principal, CallOptions options = CallOptions()) {
    clients.push_back(std::make_unique<Runtime>(runtime(std::move(principal))));
    return vault::VaultClient(*clients.back(), server.name(), std::move(options));
  }
  Context context() const { return clients.back()->context(); }

  std::shared_ptr<Vault> vault = std::make_shared<Vault>();
  Runtime server_runtime;
  Server server;
  std::vector<std::unique_ptr<Runtime>> clients;
};

}  // namespace nb::rpc::testing

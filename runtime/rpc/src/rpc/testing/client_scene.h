// A client whose network, clock and random numbers the test holds in its hands, and servers of alice's that it calls.
// Everything runs on the test's thread, and nothing waits for real time.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/rpc/server.h>

#include "naming/endpoint.h"
#include "rpc/options.h"
#include "rpc/testing/by_hand.h"
#include "rpc/testing/scripted_network.h"

namespace nb::rpc::testing {

// Finds the object, or answers with an error; and remembers who came.
class Door final : public Dispatcher {
 public:
  explicit Door(std::shared_ptr<Service> object) : object_(std::move(object)) {}
  Result<Dispatched> lookup(const Context& context, std::string_view) override {
    deadlines.push_back(context.deadline());
    times.push_back(context.now());
    if (before_lookup) before_lookup();
    if (answer) return answer;
    return Dispatched(object_);
  }

  Error answer;  // to everybody
  std::function<void()> before_lookup;
  std::vector<std::optional<Clock::Steady>> deadlines;  // of the calls
  std::vector<Clock::Steady> times;                     // when they came

 private:
  const std::shared_ptr<Service> object_;  // shared with other doors
};

class ClientScene {
 public:
  explicit ClientScene(const std::function<void(RuntimeOptions&)>& adjust_client = {})
      : network(std::make_shared<ScriptedNetwork>()), server_side_(options(alice)), client_side_([&] {
          RuntimeOptions options = this->options(blessed_by(alice, "client"));
          if (adjust_client) adjust_client(options);
          return options;
        }()) {}
  ~ClientScene() {
    for (auto& each : servers_) {
      server_side_.on_loop([&each] { each.stop(std::chrono::nanoseconds(0)); });
      server_side_.on_loop([&each] { each = Server(); });
    }
  }
  ClientScene(const ClientScene&) = delete;
  ClientScene& operator=(const ClientScene&) = delete;

  // A server of alice's at this place; its object is calc.
  Door& serve(const std::string& place, const ServerOptions& options = ServerOptions()) {
    doors_.push_back(std::make_shared<Door>(calc));
    servers_.push_back(
        server_side_.runtime
            ->serve(std::shared_ptr<Dispatcher>(doors_.back()), ServerOptions(options).listen("local", place))
            .value());
    return *doors_.back();
  }
  Server& server(std::size_t i = 0) { return servers_[i]; }

  // What is at the place, whoever is there as long as it is alice.
  static std::string at(const std::string& place, const std::string& blessing = "alice") {
    naming::Endpoint endpoint;
    endpoint.protocol = "local";
    endpoint.address = place;
    endpoint.blessing_names = {blessing};
    return "/" + naming::to_string(endpoint);
  }
  // A name that stands for these servers, in this order.
  static CallOptions among(const std::vector<std::string>& servers, CallOptions options = CallOptions()) {
    v23::naming::MountEntry entry;
    for (const auto& server : servers) entry.Servers.emplace_back(server, Deadline());
    return options.preresolved(std::move(entry));
  }

  Runtime& runtime() { return *client_side_.runtime; }
  ByHand& client_side() { return client_side_; }
  ByHand& server_side() { return server_side_; }
  Context context() const { return client_side_.runtime->context(); }

  Call<std::int32_t> add(const std::string& name, const CallOptions& options = CallOptions()) {
    return add(context(), name, options);
  }
  Call<std::int32_t> add(const Context& context, const std::string& name, const CallOptions& options = CallOptions()) {
    return calc::CalcClient(runtime(), name).Add(context, 1, 2, options);
  }

  // Everything that can happen now happens.
  void settle() {
    const auto run = [](ByHand& side) {
      side.io().restart();
      return side.io().poll();
    };
    while (run(client_side_) + run(server_side_) + (poll_more ? poll_more() : 0) > 0) continue;
  }
  void advance(std::chrono::nanoseconds by) {
    clock->advance(by);
    settle();
  }
  // What the call ends in, without time passing.
  template <class R>
  Result<R> now(Call<R> call) {
    settle();
    REQUIRE(call.is_done());
    return call.get();
  }
  // … and with time passing, in steps of 10 ms. Gives how much that was, too.
  template <class R>
  Result<R> later(Call<R> call, std::chrono::nanoseconds* took = nullptr) {
    const auto began = clock->now();
    settle();
    for (int i = 0; i < 100'000 && !call.is_done(); ++i) advance(std::chrono::milliseconds(10));
    REQUIRE(call.is_done());
    if (took != nullptr) *took = clock->now() - began;
    return call.get();
  }

  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  std::shared_ptr<ScriptedNetwork> network;
  std::shared_ptr<Journal> journal = std::make_shared<Journal>();
  std::shared_ptr<const Principal> alice = stranger("alice");
  std::shared_ptr<Calc> calc = std::make_shared<Calc>();
  std::uint8_t drawn = 0;  // the random number that delays are made with: 0 the shortest, 99 the longest
  std::function<std::size_t()> poll_more;

  RuntimeOptions options(std::shared_ptr<const Principal> principal) {
    LocalNetwork local = LocalNetwork::make();
    local.core()->network = network;
    return RuntimeOptions()
        .log(journal)
        .clock(clock)
        .local_network(local)
        .grace(std::chrono::milliseconds(200))
        .principal(std::move(principal))
        .random([this](std::span<std::uint8_t> bytes) { fill(bytes); });
  }

 private:
  // Delays are made of four bytes; the rest has to differ.
  void fill(std::span<std::uint8_t> bytes) {
    static std::random_device device;
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(bytes.size() == 4 ? 0 : device());
    if (bytes.size() == 4) bytes[0] = drawn;
  }

  ByHand server_side_;
  ByHand client_side_;
  std::vector<std::shared_ptr<Door>> doors_;  // shared with the servers
  std::vector<Server> servers_;
};

}  // namespace nb::rpc::testing

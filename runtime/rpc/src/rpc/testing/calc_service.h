// An implementation of calc::CalcServer for tests, and a world of two runtimes around it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nb/base/log.h>

#include "calc/calc.rpc.h"
#include "rpc/testing/family.h"

namespace nb::rpc::testing {

class Calc : public calc::CalcServer {
 public:
  Reply<std::int32_t> Add(ServerCall& call, std::int32_t a, std::int32_t b) override;
  Reply<calc::CalcDivResults> Div(ServerCall& call, std::int32_t a, std::int32_t b) override;
  Reply<Bytes> Echo(ServerCall& call, Bytes data) override;
  Reply<void> Wait(ServerCall& call) override;
  Reply<void> Sleep(ServerCall& call, std::chrono::nanoseconds time) override;
  Reply<std::int32_t> Flaky(ServerCall& call, std::int32_t failures) override;
  Reply<std::int32_t> Centre(ServerCall& call, ServerStream<calc::Point, calc::Point>& stream) override;
  Reply<void> Count(ServerCall& call, std::int32_t upto, ServerStream<void, std::int32_t>& stream) override;
  Reply<std::int64_t> Swallow(ServerCall& call, ServerStream<Bytes, void>& stream) override;

  // What the tests look at.
  std::atomic<int> calls = 0;
  std::atomic<int> waiting = 0;           // in Wait or Swallow's pause
  std::atomic<int> ended = 0;             // calls of Wait and Centre that have ended
  std::atomic<int> seen_cancelled = 0;    // … because they were cancelled
  std::atomic<bool> paused = false;       // Swallow stops reading after its first item
  std::atomic<std::thread::id> thread{};  // of the latest Add
  std::string last_language() const;
  std::string last_tag() const;

 private:
  mutable std::mutex mutex_;
  std::string language_;
  std::string tag_;
  int failures_ = 0;
};

// Keeps what is logged.
class Journal final : public LogSink {
 public:
  void log(Severity severity, std::string_view message) override;
  std::vector<std::string> lines() const;
  int count(std::string_view part) const;  // lines that contain it

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// A server's runtime and a client's, which share nothing but a network. The server is alice, the client is somebody
// whom she has blessed.
struct World {
  explicit World(std::string protocol, Handlers handlers = in_place(), std::size_t client_threads = 1,
                 std::size_t server_threads = 2);

  RuntimeOptions options(std::size_t threads) const;  // of a runtime that acts as alice
  Context context(std::chrono::nanoseconds timeout = std::chrono::seconds(20)) const {
    return client_runtime.context().with_timeout(timeout);
  }

  std::shared_ptr<Journal> journal = std::make_shared<Journal>();
  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<Calc> service = std::make_shared<Calc>();  // shared with the server
  std::string protocol;
  std::shared_ptr<const Principal> alice = stranger("alice");
  Runtime server_runtime;
  Runtime client_runtime;
  Server server;
  calc::CalcClient client;
};

// Waits, a few seconds at most, until it is so.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

}  // namespace nb::rpc::testing

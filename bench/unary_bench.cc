// Unary calls of 100 bytes each way, over loopback TCP, beside bare ping-pong of as many bytes: one at a time, and 64
// in flight on one connection. Rounds of both alternate, so that a busy machine disturbs both alike; the median counts.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "echo/echo.rpc.h"
#include "raw_ping_pong.h"

namespace {

using Nanoseconds = std::chrono::nanoseconds;

constexpr std::size_t kSize = 100;

struct Echo final : echo::EchoServer {
  nb::Reply<nb::Bytes> Bytes(nb::ServerCall&, nb::Bytes data) override { return data; }
};

class Quiet final : public nb::LogSink {
 public:
  void log(nb::Severity, std::string_view) override {}
};

nb::Runtime make_runtime() {
  return nb::Runtime::make(
             nb::RuntimeOptions().threads(1).log(std::make_shared<Quiet>()).insecure_plaintext_without_authentication())
      .value();
}

// Calls that start the next one when they end, `in_flight` of them side by side.
class Calls {
 public:
  Calls(const nb::Runtime& runtime, const std::string& name) : client_(runtime, name), context_(runtime.context()) {}

  Nanoseconds run(std::size_t count, std::size_t in_flight) {
    to_start_ = static_cast<std::ptrdiff_t>(count);
    to_end_ = static_cast<std::ptrdiff_t>(count);
    done_ = std::promise<void>();
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < in_flight; ++i) next();
    done_.get_future().get();
    return std::chrono::steady_clock::now() - began;
  }

  // A thread that blocks on every call.
  Nanoseconds run_blocking(std::size_t count) {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) check(client_.Bytes(context_, data_).get());
    return std::chrono::steady_clock::now() - began;
  }

 private:
  static void check(const nb::Result<nb::Bytes>& result) {
    if (result && result->size() == kSize) return;
    std::fprintf(stderr, "a call failed: %s\n", std::string(result.error().message()).c_str());
    std::exit(1);
  }
  void next() {
    if (to_start_.fetch_sub(1) <= 0) return;
    client_.Bytes(context_, data_).then([this](nb::Result<nb::Bytes> result) {
      check(result);
      next();
      if (to_end_.fetch_sub(1) == 1) done_.set_value();
    });
  }

  const echo::EchoClient client_;
  const nb::Context context_;
  const nb::Bytes data_ = nb::Bytes(kSize, 7);
  std::atomic<std::ptrdiff_t> to_start_ = 0;
  std::atomic<std::ptrdiff_t> to_end_ = 0;
  std::promise<void> done_;
};

struct Row {
  const char* what;
  std::size_t count;
  std::function<Nanoseconds(std::size_t)> call;
  std::function<Nanoseconds(std::size_t)> raw;
  std::vector<double> call_us;
  std::vector<double> raw_us;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
  auto server_runtime = make_runtime();
  auto client_runtime = make_runtime();
  auto server =
      server_runtime.serve(std::make_shared<Echo>(), nb::ServerOptions().listen("tcp", "127.0.0.1:0")).value();
  Calls calls(client_runtime, server.name());
  bench::RawPingPong raw(kSize);

  std::vector<Row> rows;
  rows.push_back({"one at a time, callbacks",
                  4000,
                  [&](std::size_t n) { return calls.run(n, 1); },
                  [&](std::size_t n) { return raw.run(n, 1); },
                  {},
                  {}});
  rows.push_back({"one at a time, blocking thread",
                  4000,
                  [&](std::size_t n) { return calls.run_blocking(n); },
                  [&](std::size_t n) { return raw.run(n, 1); },
                  {},
                  {}});
  rows.push_back({"64 in flight, callbacks",
                  40000,
                  [&](std::size_t n) { return calls.run(n, 64); },
                  [&](std::size_t n) { return raw.run(n, 64); },
                  {},
                  {}});

  for (int round = 0; round <= rounds; ++round) {
    for (Row& row : rows) {
      const double call = static_cast<double>(row.call(row.count).count()) / 1e3 / static_cast<double>(row.count);
      const double bare = static_cast<double>(row.raw(row.count).count()) / 1e3 / static_cast<double>(row.count);
      if (round == 0) continue;  // warms up
      row.call_us.push_back(call);
      row.raw_us.push_back(bare);
    }
  }
  std::printf("%-32s %12s %12s %8s\n", "unary, 100 B each way", "call us", "raw us", "ratio");
  for (const Row& row : rows) {
    const double call = median(row.call_us);
    const double bare = median(row.raw_us);
    std::printf("%-32s %12.2f %12.2f %8.2f\n", row.what, call, bare, call / bare);
  }
}

// Unary calls of 100 bytes each way, authenticated and encrypted, over loopback TCP, beside bare ping-pong of as many
// bytes: one at a time, and 64 in flight on one connection. Rounds of both alternate, so that a busy machine disturbs
// both alike; the median counts. Processor time and allocations are those of both ends together.
//
//   unary_bench [ROUNDS [ROW]]     ROW: 0, 1 or 2, to look at one of them with a profiler
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include <sys/resource.h>

#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "allocations.h"
#include "echo/echo.rpc.h"
#include "raw_ping_pong.h"

namespace {

using Nanoseconds = std::chrono::nanoseconds;

constexpr std::size_t kSize = 100;

struct Echo final : echo::EchoServer {
  nb::Reply<nb::Bytes> Bytes(nb::ServerCall&, nb::Bytes data) override { return data; }
  nb::Reply<void> Chat(nb::ServerCall&, nb::ServerStream<nb::Bytes, nb::Bytes>&) override { return unused(); }
  nb::Reply<std::int64_t> Push(nb::ServerCall&, nb::ServerStream<nb::Bytes, void>&) override { return unused(); }
  nb::Reply<void> Feed(nb::ServerCall&, std::int64_t, std::int64_t, nb::ServerStream<void, nb::Bytes>&) override {
    return unused();
  }
  static nb::Error unused() { return nb::verror::NotImplemented("streams"); }
};

class Quiet final : public nb::LogSink {
 public:
  void log(nb::Severity, std::string_view) override {}
};

// Both ends act as the same principal, so that the default rules let the calls through.
nb::Runtime make_runtime(const std::shared_ptr<const nb::Principal>& principal) {
  return nb::Runtime::make(nb::RuntimeOptions().threads(1).log(std::make_shared<Quiet>()).principal(principal)).value();
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

// Of this process, all threads, user and system.
Nanoseconds processor_time() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Microseconds for each of so many calls or messages.
struct Cost {
  double wall = 0;
  double processor = 0;
};

struct Row {
  const char* what;
  std::size_t count;
  std::function<Nanoseconds(std::size_t)> call;
  std::function<Nanoseconds(std::size_t)> raw;
  std::vector<Cost> calls;
  std::vector<Cost> raws;
  double allocations = 0;
  double allocated_bytes = 0;
};

Cost measure(const std::function<Nanoseconds(std::size_t)>& run, std::size_t count) {
  const Nanoseconds before = processor_time();
  const Nanoseconds wall = run(count);
  const auto each = [count](Nanoseconds all) {
    return std::chrono::duration<double, std::micro>(all).count() / static_cast<double>(count);
  };
  return {each(wall), each(processor_time() - before)};
}

double median(std::vector<Cost> costs, double Cost::*what) {
  std::ranges::sort(costs, {}, what);
  return costs[costs.size() / 2].*what;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
  const auto principal = nb::Principal::make().value();
  principal->set_default_blessings(principal->bless_self("bench").value()).value();
  auto server_runtime = make_runtime(principal);
  auto client_runtime = make_runtime(principal);
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

  if (argc > 2) {
    const std::size_t only = std::min<std::size_t>(static_cast<std::size_t>(std::max(0, std::atoi(argv[2]))), 2);
    rows = {rows[only]};
  }

  for (int round = 0; round <= rounds; ++round) {
    for (Row& row : rows) {
      const Cost call = measure(row.call, row.count);
      const Cost raw_cost = measure(row.raw, row.count);
      if (round == 0) continue;  // warms up
      row.calls.push_back(call);
      row.raws.push_back(raw_cost);
    }
  }
  for (Row& row : rows) {
    const auto count = static_cast<double>(row.count);
    const auto made = bench::count_allocations([&row] { row.call(row.count); });
    row.allocations = static_cast<double>(made.count) / count;
    row.allocated_bytes = static_cast<double>(made.bytes) / count;
  }
  std::printf("%-31s %9s %9s %7s %9s %9s %7s %7s\n", "unary, 100 B each way, us", "call", "raw", "ratio", "call cpu",
              "raw cpu", "allocs", "bytes");
  for (const Row& row : rows) {
    const double call = median(row.calls, &Cost::wall);
    const double bare = median(row.raws, &Cost::wall);
    std::printf("%-31s %9.2f %9.2f %7.2f %9.2f %9.2f %7.1f %7.0f\n", row.what, call, bare, call / bare,
                median(row.calls, &Cost::processor), median(row.raws, &Cost::processor), row.allocations,
                row.allocated_bytes);
  }
}

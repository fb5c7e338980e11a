// Big streams: a reader that stops stops its writer, and many flows share a connection fairly.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kWindow = 1u << 20;

// Bytes that this process holds in memory.
std::size_t resident_bytes() {
  std::size_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*u %zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * 4096;
}

}  // namespace

TEST_CASE("100 MB to a reader that stops: the writer stops after the window, and goes on when the reader does") {
  for (const char* protocol : {"tcp", "local"}) {
    CAPTURE(protocol);
    World w(protocol);
    w.service->paused = true;
    auto swallow = w.client.Swallow(w.context(60s));
    std::atomic<std::size_t> sent = 0;
    std::atomic<bool> failed = false;
    const std::size_t before = resident_bytes();
    std::thread writer([&] {
      for (std::size_t i = 0; i < 100'000'000 / kChunk && !failed; ++i) {
        if (swallow.send(Bytes(kChunk, 1)).get()) {
          sent += kChunk;
        } else {
          failed = true;
        }
      }
    });
    CHECK(eventually([&] { return w.service->waiting > 0 && sent > kWindow / 2; }));
    std::size_t last = 0;
    do {  // until it stands still
      last = sent;
      std::this_thread::sleep_for(300ms);
    } while (sent != last);
    CHECK(sent <= kWindow + 2 * kChunk);
    CHECK(resident_bytes() < before + 4 * kWindow + (8u << 20));
    w.service->paused = false;
    writer.join();
    CHECK_FALSE(failed);
    const auto total = swallow.finish().get();
    REQUIRE(total);
    CHECK(static_cast<std::size_t>(*total) == 100'000'000 / kChunk * kChunk);
  }
}

TEST_CASE("64 flows share a connection, one of them with a reader that stands still, and none starves") {
  World w("tcp");
  w.service->paused = true;
  auto stuck = w.client.Swallow(w.context(60s));
  CHECK(stuck.send(Bytes(1000, 1)).get());
  CHECK(eventually([&] { return w.service->waiting > 0; }));
  for (int i = 0; i < 4; ++i) (void)stuck.send(Bytes(kChunk, 1));

  // The others do not pause: what makes Swallow pause is asked for once, after its first item.
  std::vector<StreamCall<calc::Point, calc::Point, std::int32_t>> calls;
  for (int i = 0; i < 64; ++i) calls.push_back(w.client.Centre(w.context(60s)));
  std::atomic<int> finished = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        for (int i = t; i < 64; i += 8) {
          if (!calls[i].send(calc::Point(round, i)).get()) return;
          if (!calls[i].recv().get()) return;
        }
      }
      for (int i = t; i < 64; i += 8) {
        const auto count = calls[i].finish().get();
        if (count && *count == 200) ++finished;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(finished == 64);
  w.service->paused = false;
  CHECK(*stuck.finish().get() == static_cast<std::int64_t>(1000 + 4 * kChunk));
}

TEST_CASE("64 flows that each send more than their share of the pool all arrive") {
  World w("tcp");
  std::vector<StreamCall<Bytes, void, std::int64_t>> calls;
  for (int i = 0; i < 64; ++i) calls.push_back(w.client.Swallow(w.context(60s)));
  std::vector<Pending<Result<void>>> sends;
  for (int round = 0; round < 4; ++round) {
    for (auto& call : calls) sends.push_back(call.send(Bytes(kChunk, 1)));
  }
  for (auto& send : sends) CHECK(send.get());
  for (auto& call : calls) CHECK(*call.finish().get() == static_cast<std::int64_t>(4 * kChunk));
}

}  // namespace nb::rpc

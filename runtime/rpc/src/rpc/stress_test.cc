// Many threads, cancellations mixed in. Says most under the thread sanitizer; by itself it looks for hangs and lost
// answers.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include <nb/base/verror.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;

// One client thread's share: calls of every kind, some of them cancelled in every way there is.
void work(World& w, unsigned seed, std::atomic<int>& wrong, int calls = 150) {
  std::minstd_rand random(seed);
  for (int i = 0; i < calls; ++i) {
    const auto a = static_cast<std::int32_t>(random() % 1000);
    switch (random() % 8) {
      case 0:
      case 1: {
        const auto sum = w.client.Add(w.context(), a, 1).get();
        if (!sum || *sum != a + 1) ++wrong;
        break;
      }
      case 2: {
        auto [context, canceler] = w.context().with_cancel();
        auto call = w.client.Wait(context);
        if (random() % 2 == 0) std::this_thread::yield();
        canceler.cancel();
        if (!verror::Canceled.matches(call.get().error())) ++wrong;
        break;
      }
      case 3: {
        auto dropped = w.client.Wait(w.context());
        if (random() % 2 == 0) std::this_thread::sleep_for(1ms);
        break;
      }
      case 4: {
        const Error error = w.client.Wait(w.context(std::chrono::milliseconds(random() % 5))).get().error();
        if (!verror::Timeout.matches(error)) ++wrong;
        break;
      }
      case 5: {
        auto centre = w.client.Centre(w.context());
        bool fine = true;
        for (int k = 0; k < 5; ++k) fine = fine && centre.send(calc::Point(k, k)).get() && centre.recv().get();
        if (random() % 2 == 0) break;  // dropped
        const auto count = centre.finish().get();
        if (!fine || !count || *count != 5) ++wrong;
        break;
      }
      case 6: {
        auto call = w.client.Add(w.context(), a, 2);
        call.cancel();  // races with the answer
        const auto sum = call.get();
        if (sum ? *sum != a + 2 : !verror::Canceled.matches(sum.error())) ++wrong;
        break;
      }
      default: {
        auto count = w.client.Count(w.context(), 20);
        int items = 0;
        for ([[maybe_unused]] const auto item : count.items()) ++items;
        if (items != 20 || !count.finish().get()) ++wrong;
      }
    }
  }
}

}  // namespace

TEST_CASE("eight client threads on four runtime threads, cancelling") {
  for (const char* protocol : {"tcp", "local"}) {
    CAPTURE(protocol);
    for (const bool pooled : {false, true}) {
      World w(protocol, pooled ? pool(3) : in_place(), 4, 4);
      std::atomic<int> wrong = 0;
      std::vector<std::thread> threads;
      for (unsigned t = 0; t < 8; ++t) threads.emplace_back([&w, &wrong, t] { work(w, t + 1, wrong); });
      for (auto& thread : threads) thread.join();
      CHECK(wrong == 0);
      CHECK(eventually([&] { return w.service->waiting == 0; }));
    }
  }
}

TEST_CASE("64 threads use one client, whose runtime and server have four threads each") {
  for (const char* protocol : {"tcp", "local"}) {
    CAPTURE(protocol);
    World w(protocol, in_place(), 4, 4);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 64; ++t) threads.emplace_back([&w, &wrong, t] { work(w, t + 100, wrong, 40); });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(eventually([&] { return w.service->waiting == 0; }));
  }
}

TEST_CASE("a runtime shut down under load ends every call") {
  for (int round = 0; round < 5; ++round) {
    World w("tcp", in_place(), 2, 2);
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        while (!stop) {
          const auto sum = w.client.Add(w.context(), 1, 2).get();
          if (sum.error()) stop = true;
          auto dropped = w.client.Centre(w.context());
          (void)dropped.send(calc::Point(1, 2));
        }
      });
    }
    std::this_thread::sleep_for(20ms);
    if (round % 2 == 0) {
      CHECK(w.client_runtime.shutdown(0ns));
    } else {
      CHECK(w.server_runtime.shutdown(10ms));
      stop = true;
      CHECK(w.client_runtime.shutdown(0ns));
    }
    for (auto& thread : threads) thread.join();
  }
}

}  // namespace nb::rpc

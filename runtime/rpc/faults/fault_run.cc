#include "fault_run.h"

#include <dirent.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "faulty_network.h"
#include "ledger.h"
#include "rpc/options.h"
#include "rpc/running_calls.h"
#include "rpc/runtime_core.h"

namespace nb::rpc::faults {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kServers = 3;
constexpr std::size_t kMostViolations = 20;
constexpr std::chrono::seconds kPatience(60);

class Silence final : public LogSink {
 public:
  void log(Severity, std::string_view) override {}
};

int open_files() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

int threads() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "Threads:") {
      int count = 0;
      status >> count;
      return count;
    }
  }
  return 0;
}

// Waits until it is so; threads and sockets go a moment after what owned them.
template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
  return condition();
}

class FaultRun {
 public:
  explicit FaultRun(const FaultOptions& options)
      : options_(options), network_(std::make_shared<FaultyNetwork>(options.seed)), local_(LocalNetwork::make()) {
    local_.core()->network = network_;
    principal_ = Principal::make().value();
    principal_->set_default_blessings(principal_->bless_self("faults").value()).value();
    ledger_ = std::make_shared<Ledger>(static_cast<std::size_t>(options.calls));
    busy_since_ = std::vector<std::atomic<std::int64_t>>(static_cast<std::size_t>(options.workers));
  }

  FaultReport run() {
    const auto began = std::chrono::steady_clock::now();
    const int files_before = open_files();
    std::thread([] {}).join();  // the thread sanitizer begins one of its own with the first
    const int threads_before = threads();
    for (std::size_t i = 0; i < kServers; ++i) start(i);
    for (int i = 0; i < options_.clients; ++i) clients_.push_back(Runtime::make(runtime_options(1)).value());

    std::atomic<bool> is_over = false;
    std::thread chaos([&] { disturb(is_over); });
    std::thread watch([&] { look_for_hangs(is_over); });
    std::vector<std::thread> workers;
    for (int i = 0; i < options_.workers; ++i) workers.emplace_back([this, i] { work(static_cast<std::size_t>(i)); });
    for (auto& worker : workers) worker.join();
    is_over = true;
    chaos.join();
    watch.join();

    network_->calm_down();
    for (const Runtime& client : clients_) {
      if (!soon([&] { return client.core()->running_calls().all().empty(); })) violate("a client still has calls");
    }
    for (Slot& slot : slots_) stop(slot, 0ns);
    clients_.clear();
    if (!soon([&] { return ledger_->running() == 0; })) violate("methods are left");
    if (!soon([&] { return threads() <= threads_before; })) violate("threads are left");
    if (!soon([&] { return open_files() <= files_before; })) violate("file descriptors are left");

    for (std::int64_t id = 0; id < options_.calls; ++id) {
      report_.bodies += ledger_->runs(id);
      if (ledger_->runs(id) > 1) violate("the body of call " + std::to_string(id) + " ran twice or more");
    }
    std::int64_t ended = 0;
    for (const auto& [how, count] : report_.ends) ended += count;
    if (ended != options_.calls) violate(std::to_string(ended) + " calls have ended");
    report_.cuts = network_->cuts();
    report_.delays = network_->delays();
    report_.failed_dials = network_->failed_dials();
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return std::move(report_);
  }

 private:
  struct Slot {
    std::unique_ptr<Runtime> runtime;
    Server server;
    std::string name;  // guarded by names_mutex_
  };

  RuntimeOptions runtime_options(std::size_t threads) const {
    return RuntimeOptions()
        .threads(threads)
        .log(std::make_shared<Silence>())
        .local_network(local_)
        .grace(0ns)
        .principal(principal_)
        .namespace_roots({});
  }

  // ---- servers ----

  // Two of them behind the network that fails, in place and on a pool; one on loopback.
  void start(std::size_t index) {
    Slot& slot = slots_[index];
    slot.runtime = std::make_unique<Runtime>(Runtime::make(runtime_options(1)).value());
    ServerOptions server_options;
    server_options.grace(0ns).max_calls(12).max_streams(8);
    if (index == 0) {
      server_options.listen("tcp", "127.0.0.1:0");
    } else {
      server_options.listen("local", "ledger-" + std::to_string(index));
    }
    if (index == 2) server_options.handlers(pool(2)).max_queued(4);
    // Its address is free a moment after the one before has stopped.
    Result<Server> server = slot.runtime->serve(ledger_, server_options);
    while (!server) {
      std::this_thread::sleep_for(1ms);
      server = slot.runtime->serve(ledger_, server_options);
    }
    slot.server = *std::move(server);
    const std::lock_guard lock(names_mutex_);
    slot.name = slot.server.name();
  }

  void stop(Slot& slot, std::chrono::nanoseconds grace) {
    if (!slot.runtime->shutdown(grace)) violate("a server's runtime does not stop");
    slot.server = Server();
    slot.runtime = nullptr;
  }

  std::string name_of(std::size_t index) {
    const std::lock_guard lock(names_mutex_);
    return slots_[index].name;
  }

  void disturb(const std::atomic<bool>& is_over) {
    std::minstd_rand random(static_cast<unsigned>(options_.seed * 7 + 1));
    while (!is_over) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5 + random() % 60));
      const std::size_t index = random() % kServers;
      const bool gently = random() % 2 == 0;
      ++(gently ? report_.stops : report_.kills);
      stop(slots_[index], gently ? std::chrono::milliseconds(random() % 30) : 0ms);
      if (random() % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));
      start(index);
    }
  }

  // ---- calls ----

  void look_for_hangs(const std::atomic<bool>& is_over) {
    std::int64_t told = 0;
    while (!is_over) {
      std::this_thread::sleep_for(100ms);
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      for (const auto& since : busy_since_) {
        const std::int64_t began = since;
        if (began == 0 || now - std::chrono::nanoseconds(began) < kPatience) continue;
        std::fprintf(stderr, "a call has not ended for %lld s: it hangs\n",
                     static_cast<long long>(std::chrono::seconds(kPatience).count()));
        std::abort();
      }
      const std::int64_t done = std::min(next_.load(), options_.calls) * 10 / options_.calls;
      if (options_.says_how_far && done > std::exchange(told, done)) {
        std::printf("%lld %%\n", static_cast<long long>(10 * done));
        std::fflush(stdout);
      }
    }
  }

  void work(std::size_t worker) {
    std::minstd_rand random(static_cast<unsigned>(options_.seed * 1000 + worker + 1));
    while (true) {
      const std::int64_t id = next_++;
      if (id >= options_.calls) return;
      busy_since_[worker] = std::chrono::steady_clock::now().time_since_epoch().count();
      if (random() % 2000 == 0) {
        // A client that comes, calls and goes, perhaps with the call still under way.
        auto passing = Runtime::make(runtime_options(1)).value();
        call(passing, id, random);
      } else {
        call(clients_[random() % clients_.size()], id, random);
      }
      busy_since_[worker] = 0;
    }
  }

  void call(const Runtime& runtime, std::int64_t id, std::minstd_rand& random) {
    // Most are tried once, so that the run spends its time with calls and not with pauses between attempts.
    CallOptions options;
    if (random() % 20 != 0) {
      options.no_retry();
    } else {
      options.connection_timeout(std::chrono::milliseconds(random() % 300));
    }
    const Object object(runtime, name_of(random() % kServers), options);
    const auto deadline = random() % 8 == 0 ? std::chrono::microseconds(random() % 20'000) : 5s;
    auto [context, canceler] = runtime.context().with_timeout(deadline).with_cancel();
    const bool cancels = random() % 16 == 0;
    switch (random() % 10) {
      case 0:
      case 1:
      case 2:
      case 3: {
        auto booked = object.call<std::int64_t>(context, CallOptions(), "Book", id);
        if (cancels) canceler.cancel();
        return note(id, booked.get(), 3 * id);
      }
      case 4: {
        auto late =
            object.call<std::int64_t>(context, CallOptions(), "Late", id, static_cast<std::int64_t>(random() % 5000));
        if (cancels) canceler.cancel();
        return note(id, late.get(), 3 * id);
      }
      case 5: {
        const auto size = static_cast<std::int64_t>(random() % 20 == 0 ? random() % 300'000 : random() % 3000);
        auto filled = object.call<Bytes>(context, CallOptions(), "Fill", id, size);
        if (cancels) return drop(id);
        return note(id, filled.get(), Bytes(static_cast<std::size_t>(size), static_cast<std::uint8_t>(id)));
      }
      case 6: {
        const Error error = object.call<void>(context, CallOptions(), "Refuse", id).get().error();
        if (!error) violate("call " + std::to_string(id) + " was to be refused");
        return note(id, error);
      }
      case 7:
        return follow(object, context, id, cancels, random);
      case 8:
        return count(object, context, id, cancels, random);
      default:
        return sum(object, context, id, cancels, random);
    }
  }

  void follow(const Object& object, const Context& context, std::int64_t id, bool drops, std::minstd_rand& random) {
    auto stream = object.stream<std::int64_t, std::int64_t, std::int64_t>(context, CallOptions(), "Follow", id);
    const std::int64_t items = random() % 20;
    for (std::int64_t i = 0; i < items; ++i) {
      if (!stream.send(i).get()) break;
      auto back = stream.recv().get();
      if (!back) break;
      if (*back != i) violate("call " + std::to_string(id) + " got another item");
    }
    if (drops) return drop(id);
    note(id, stream.finish().get(), items);
  }

  void count(const Object& object, const Context& context, std::int64_t id, bool drops, std::minstd_rand& random) {
    const std::int64_t upto = random() % 10 == 0 ? random() % 3000 : random() % 30;
    auto stream = object.stream<void, std::int64_t, std::int64_t>(context, CallOptions(), "Count", id, upto);
    std::int64_t got = 0;
    while (auto item = stream.recv().get()) {
      if (*item != got++) violate("call " + std::to_string(id) + " got another item");
      if (drops && got > upto / 2) return drop(id);
    }
    const auto result = stream.finish().get();
    if (result && got != upto) violate("call " + std::to_string(id) + " lost items");
    note(id, result, upto);
  }

  void sum(const Object& object, const Context& context, std::int64_t id, bool drops, std::minstd_rand& random) {
    auto stream = object.stream<std::int64_t, void, std::int64_t>(context, CallOptions(), "Sum", id);
    const std::int64_t items = random() % 100;
    for (std::int64_t i = 0; i < items; ++i) {
      if (!stream.send(i).get()) break;
    }
    if (drops) return drop(id);
    note(id, stream.finish().get(), items * (items - 1) / 2);
  }

  // ---- what came of them ----

  template <class T>
  void note(std::int64_t id, const Result<T>& result, const T& wanted) {
    if (!result) return note(id, result.error());
    if (*result != wanted) violate("call " + std::to_string(id) + " got another's result");
    if (ledger_->runs(id) != 1) violate("call " + std::to_string(id) + " was answered and never ran");
    const std::lock_guard lock(report_mutex_);
    ++report_.ends["ok"];
  }
  void note(std::int64_t id, const Error& error) {
    if (error.id().empty() || error.message().empty()) {
      violate("call " + std::to_string(id) + " ended in an error that says nothing: " + std::string(error.id()) + ": " +
              std::string(error.message()));
    }
    const std::lock_guard lock(report_mutex_);
    std::string how(error.id());
    ++report_.ends[how];
    report_.example.try_emplace(std::move(how), error.message());
  }
  void drop(std::int64_t) {
    const std::lock_guard lock(report_mutex_);
    ++report_.ends["dropped"];
  }
  void violate(std::string what) {
    const std::lock_guard lock(report_mutex_);
    if (report_.violations.size() < kMostViolations) report_.violations.push_back(std::move(what));
  }

  const FaultOptions options_;
  const std::shared_ptr<FaultyNetwork> network_;  // shared by all runtimes
  const LocalNetwork local_;
  std::shared_ptr<const Principal> principal_;
  std::shared_ptr<Ledger> ledger_;  // shared by the servers, one after the other
  std::array<Slot, kServers> slots_;
  std::mutex names_mutex_;
  std::vector<Runtime> clients_;
  std::atomic<std::int64_t> next_ = 0;
  std::vector<std::atomic<std::int64_t>> busy_since_;  // of each worker; 0: idle
  std::mutex report_mutex_;
  FaultReport report_;
};

}  // namespace

FaultReport run_with_faults(const FaultOptions& options) { return FaultRun(options).run(); }

std::string to_string(const FaultReport& report) {
  std::string text;
  for (const auto& [how, count] : report.ends) {
    std::string line = std::to_string(count);
    line.insert(0, 10 - std::min<std::size_t>(10, line.size()), ' ');
    text += line + "  " + how;
    if (const auto found = report.example.find(how); found != report.example.end()) {
      text += "   e.g. " + found->second.substr(0, 140);
    }
    text += '\n';
  }
  text += std::to_string(report.bodies) + " methods ran; " + std::to_string(report.kills) + " servers killed, " +
          std::to_string(report.stops) + " stopped; " + std::to_string(report.cuts) + " connections cut, " +
          std::to_string(report.failed_dials) + " dials failed, " + std::to_string(report.delays) + " reads delayed; " +
          std::to_string(static_cast<long>(report.seconds)) + " s\n";
  for (const std::string& violation : report.violations) text += "VIOLATION: " + violation + '\n';
  return text;
}

}  // namespace nb::rpc::faults

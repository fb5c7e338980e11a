// A weather station; prints its name and ends at Ctrl-C. The methods are coroutines: they wait without holding a
// thread.
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <vector>

#include "station/station.rpc.h"
#include "stop_signal.h"

namespace {

using station::Reading;

// All methods run on the runtime's one thread, so readings_ needs no lock.
class Station final : public station::StationServer {
 public:
  // Client to server: recv() gives items until the client closes its side.
  nb::Reply<std::int32_t> Upload(nb::ServerCall&, nb::ServerStream<Reading, void>& stream) override {
    std::int32_t count = 0;
    while (auto reading = co_await stream.recv()) {
      readings_.push_back(*reading);
      ++count;
    }
    co_return count;
  }

  // Server to client: send() waits while the client is not reading.
  nb::Reply<void> Warmest(nb::ServerCall&, double above, nb::ServerStream<void, Reading>& stream) override {
    std::vector<Reading> sorted = readings_;
    std::sort(sorted.begin(), sorted.end(), [](const Reading& a, const Reading& b) { return a.Celsius > b.Celsius; });
    for (const Reading& reading : sorted) {
      if (reading.Celsius <= above) break;
      auto sent = co_await stream.send(reading);
      if (!sent) co_return sent.error();
    }
    co_return {};
  }

  // Both ways at once.
  nb::Reply<void> Smooth(nb::ServerCall&, nb::ServerStream<double, double>& stream) override {
    double sum = 0;
    int count = 0;
    while (auto number = co_await stream.recv()) {
      sum += *number;
      auto sent = co_await stream.send(sum / ++count);
      if (!sent) co_return sent.error();
    }
    co_return {};
  }

 private:
  std::vector<Reading> readings_;
};

}  // namespace

int main() {
  const StopSignal stop;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return std::cerr << runtime.error().message() << '\n', 1;

  auto server = runtime->serve(std::make_shared<Station>(), nb::ServerOptions().listen("tcp", "127.0.0.1:0"));
  if (!server) return std::cerr << server.error().message() << '\n', 1;

  std::cout << server->name() << std::endl;
  stop.wait();
  return 0;
}

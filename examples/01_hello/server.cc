// Serves a Greeter on a free port of this machine and prints its name; ends at Ctrl-C.
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "hello/hello.rpc.h"
#include "stop_signal.h"

namespace {

constexpr std::int32_t kLimit = 20;

// One function for each method of the interface. Returning an error ends the call in it.
struct Greeter final : hello::GreeterServer {
  nb::Reply<std::string> Hello(nb::ServerCall&, std::string name) override {
    const auto letters = static_cast<std::int32_t>(name.size());
    if (letters > kLimit) return hello::TooLong(letters, kLimit);
    return "Hello, " + name + "!";
  }

  nb::Reply<hello::GreeterMeasureResults> Measure(nb::ServerCall&, std::string text) override {
    std::istringstream words(text);
    std::string word;
    std::int32_t count = 0;
    while (words >> word) ++count;
    return hello::GreeterMeasureResults(static_cast<std::int32_t>(text.size()), count);
  }
};

}  // namespace

int main() {
  const StopSignal stop;
  // It acts as the principal in the folder that V23_CREDENTIALS names. Who has a name of the same tree may call.
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return std::cerr << runtime.error().message() << '\n', 1;

  auto server = runtime->serve(std::make_shared<Greeter>(), nb::ServerOptions().listen("tcp", "127.0.0.1:0"));
  if (!server) return std::cerr << server.error().message() << '\n', 1;

  std::cout << server->name() << std::endl;
  stop.wait();
  return 0;  // the server stops, then the runtime
}

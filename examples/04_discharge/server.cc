// A door; prints its name and ends at Ctrl-C. Whoever has a name that begins as its own may open it. That some names
// need a discharge stands in the names themselves; the door is told nothing about it and asks nobody.
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

#include <iostream>
#include <memory>
#include <string>

#include "office/office.rpc.h"
#include "stop_signal.h"

namespace {

struct Door final : office::DoorServer {
  nb::Reply<std::string> Open(nb::ServerCall& call) override {
    std::string answer = "welcome";
    for (const std::string& name : call.remote_names().valid) answer += " " + name;
    return answer;
  }
};

}  // namespace

int main() {
  const StopSignal stop;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return std::cerr << runtime.error().message() << '\n', 1;

  auto server = runtime->serve(std::make_shared<Door>(), nb::ServerOptions().listen("tcp", "127.0.0.1:0"));
  if (!server) return std::cerr << server.error().message() << '\n', 1;

  std::cout << server->name() << std::endl;
  stop.wait();
  return 0;
}

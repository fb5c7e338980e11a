// A house; prints its name and ends at Ctrl-C. It says nothing about who may come in, so the default holds: whoever has
// a name that begins as its own does, under the conditions on that name.
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

#include <iostream>
#include <memory>
#include <string>

#include "house/house.rpc.h"
#include "stop_signal.h"

namespace {

class House final : public house::HouseServer {
 public:
  // The names of the caller that hold in this call: proved, believed here, and all their conditions met.
  nb::Reply<std::string> Ring(nb::ServerCall& call) override { return "hello " + first(call.remote_names().valid); }

  nb::Reply<std::string> Open(nb::ServerCall& call) override { return "come in, " + first(call.remote_names().valid); }

  // What the caller gave this server to act with. It is bound to the server's key, so nobody else can use it; with
  // principal()->store().set(granted, shop) the server would show it to the shop.
  nb::Reply<std::string> Errand(nb::ServerCall& call, std::string shop) override {
    const nb::Blessings& granted = call.granted_blessings();
    if (granted.is_zero()) return "I have no name to show at the " + shop;
    return "I go to the " + shop + " as " + first(granted.claimed_names());
  }

 private:
  static std::string first(const std::vector<std::string>& names) { return names.empty() ? "stranger" : names.front(); }
};

}  // namespace

int main() {
  const StopSignal stop;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return std::cerr << runtime.error().message() << '\n', 1;

  auto server = runtime->serve(std::make_shared<House>(), nb::ServerOptions().listen("tcp", "127.0.0.1:0"));
  if (!server) return std::cerr << server.error().message() << '\n', 1;

  std::cout << server->name() << std::endl;
  stop.wait();
  return 0;
}

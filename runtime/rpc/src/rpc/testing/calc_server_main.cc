// A calc server as a process of its own, for tests that kill it; serves everybody. Prints its name and serves until its
// input ends.
#include <cstdio>

#include "rpc/testing/calc_service.h"

int main() {
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1)).value();
  auto server = runtime
                    .serve(std::make_shared<nb::rpc::testing::Calc>(),
                           nb::ServerOptions().listen("tcp", "127.0.0.1:0").authorizer(nb::allow_everyone()))
                    .value();
  std::puts(server.name().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

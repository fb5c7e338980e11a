// Calls the Greeter whose name is given: three calls, and one that the server refuses.
#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>

#include <chrono>
#include <iostream>
#include <string>

#include "hello/hello.rpc.h"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: hello_client NAME [WHO]\n", 2;
  const std::string who = argc > 2 ? argv[2] : "world";

  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return std::cerr << runtime.error().message() << '\n', 1;
  hello::GreeterClient greeter(*runtime, argv[1]);
  const auto within_5s = runtime->context().with_timeout(5s);

  // A call starts at once; get() waits for its result.
  nb::Result<std::string> greeting = greeter.Hello(within_5s, who).get();
  if (!greeting) return std::cerr << greeting.error().message() << '\n', 1;
  std::cout << "Hello says: " << *greeting << '\n';

  // Two calls at the same time; a method with several results gives a struct.
  auto first = greeter.Measure(within_5s, *greeting);
  auto second = greeter.Measure(within_5s, "to be or not to be");
  for (auto* call : {&first, &second}) {
    auto measured = call->get();
    if (!measured) return std::cerr << measured.error().message() << '\n', 1;
    std::cout << "Measure says: " << measured->letters << " letters, " << measured->words << " words\n";
  }

  // An error that the .vdl file declares arrives as what it is, with its parameters.
  auto refused = greeter.Hello(within_5s, "Wolfeschlegelsteinhausenbergerdorff").get();
  if (refused || !hello::TooLong.matches(refused.error())) return std::cerr << "that name should be too long\n", 1;
  const auto [letters, limit] = *hello::TooLong.params(refused.error());
  std::cout << "Hello refuses a name that is " << letters - limit << " letters too long: " << refused.error().message()
            << '\n';
  return 0;
}

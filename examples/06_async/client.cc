// Calls in coroutines on the program's own event loop: Asio's, of one thread, on which the runtime lives as well.
#include <nb/asio.h>
#include <nb/rpc/runtime.h>

#include <array>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <utility>

#include "kitchen/kitchen.rpc.h"

using namespace std::chrono_literals;

namespace {

int failed(const nb::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

asio::awaitable<int> dine(kitchen::KitchenClient kitchen, nb::Context context) {
  // Calls begin when they are made: these three are under way at once, the longest first.
  std::array<nb::Call<std::string>, 3> calls = {kitchen.Cook(context, "soup", 60), kitchen.Cook(context, "rice", 30),
                                                kitchen.Cook(context, "fish", 10)};
  for (nb::Call<std::string>& call : calls) {
    auto meal = co_await nb::async_get(std::move(call));  // goes on here, on the loop
    if (!meal) co_return failed(meal.error());
    std::cout << *meal << '\n';
  }

  auto menu = kitchen.Menu(context);
  for (;;) {
    auto dish = co_await nb::async_get(menu.recv());
    if (!dish) break;  // the end, or a failure, which finish() tells
    std::cout << "there is " << *dish << '\n';
  }
  auto end = co_await nb::async_get(menu.finish());
  if (!end) co_return failed(end.error());

  // The kitchen hears that nobody waits any more.
  auto roast = co_await nb::async_get(kitchen.Cook(context.with_timeout(50ms), "roast", 60'000));
  if (roast) co_return 1;
  std::cout << (nb::verror::Timeout.matches(roast.error()) ? "the roast takes too long\n" : "no roast at all\n");
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: kitchen_client NAME\n", 2;
  asio::io_context loop;
  auto made = nb::Runtime::make(nb::run_on(loop.get_executor()));
  if (!made) return failed(made.error());
  std::optional<nb::Runtime> runtime(*std::move(made));

  int status = 1;
  asio::co_spawn(loop, dine(kitchen::KitchenClient(*runtime, argv[1]), runtime->context().with_timeout(10s)),
                 [&](const std::exception_ptr& thrown, int result) {
                   status = thrown ? 1 : result;
                   runtime.reset();  // inside the loop it only begins to end; run() returns when it has
                 });
  loop.run();
  return status;
}

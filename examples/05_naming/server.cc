// A mount table, and two shelves that publish themselves in it; prints the name of the table and ends at Ctrl-C. (The
// table could as well be a process of its own: `nb mounttable` is one.)
#include <nb/rpc/namespace.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/services/mount_table.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "shelf/shelf.rpc.h"
#include "stop_signal.h"

namespace {

struct Shelf final : shelf::ShelfServer {
  explicit Shelf(std::vector<std::string> titles_) : titles(std::move(titles_)) {}
  nb::Reply<std::vector<std::string>> Books(nb::ServerCall&) override { return titles; }
  const std::vector<std::string> titles;
};

nb::Result<nb::Server> serve_table(const nb::Runtime& runtime) {
  auto table = nb::make_mount_table(nb::MountTableOptions());  // with a store it would outlive the process
  if (!table) return table.error();
  return runtime.serve(*std::move(table), nb::ServerOptions().listen("tcp", "127.0.0.1:0").serves_mount_table());
}

// Servers mount their names on their own, again and again while they live, so that a table that was away learns them;
// status() says how far they have got.
bool is_published(const nb::Server& server) {
  for (const nb::PublishedName& each : server.status().published) {
    if (each.last_state != nb::PublishState::kMounted) return false;
  }
  return true;
}

int failed(const nb::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

}  // namespace

int main() {
  const StopSignal stop;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(2));
  if (!runtime) return failed(runtime.error());

  auto table = serve_table(*runtime);
  if (!table) return failed(table.error());
  // Where names begin that have no address: what V23_NAMESPACE says, or this.
  if (auto set = nb::Namespace(*runtime).set_roots({table->name()}); !set) return failed(set.error());

  std::vector<nb::Server> shelves;
  for (auto& [name, titles] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"library/fiction", {"Emma", "Ulysses"}}, {"library/science", {"On Growth and Form"}}}) {
    auto server =
        runtime->serve(std::make_shared<Shelf>(titles), nb::ServerOptions().listen("tcp", "127.0.0.1:0").name(name));
    if (!server) return failed(server.error());
    shelves.push_back(*std::move(server));
  }
  for (const nb::Server& each : shelves) {
    while (!is_published(each)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  std::cout << table->name() << std::endl;
  stop.wait();
  return 0;  // the shelves take their names out of the table
}

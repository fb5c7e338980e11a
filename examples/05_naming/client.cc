// Finds shelves by their names: it knows nothing but the mount table in which they begin.
#include <nb/rpc/namespace.h>
#include <nb/rpc/runtime.h>

#include <chrono>
#include <iostream>
#include <set>
#include <string>

#include "shelf/shelf.rpc.h"

using namespace std::chrono_literals;

namespace {

int failed(const nb::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: shelf_client TABLE\n", 2;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1).namespace_roots({argv[1]}));
  if (!runtime) return failed(runtime.error());
  const auto within_10s = runtime->context().with_timeout(10s);

  // Calls resolve names by themselves.
  auto books = shelf::ShelfClient(*runtime, "library/fiction").Books(within_10s).get();
  if (!books) return failed(books.error());
  for (const std::string& title : *books) std::cout << "fiction: " << title << '\n';

  // The servers that stand behind a name.
  const nb::Namespace names(*runtime);
  auto entry = names.resolve(within_10s, "library/science").get();
  if (!entry) return failed(entry.error());
  std::cout << "science is served by " << entry->Servers.size() << " server\n";

  // All names that match, in no particular order; what could not be looked at is told beside them.
  std::set<std::string> found;
  auto search = names.glob(within_10s, "library/*");
  auto replies = search.items();
  for (nb::GlobReply& reply : replies) {
    reply.visit([&](const nb::GlobReply::Entry& each) { found.insert(each.value.Name); },
                [](const nb::GlobReply::Error& each) { std::cerr << each.value.Name << " was not looked at\n"; });
  }
  if (replies.error()) return failed(replies.error());
  for (const std::string& name : found) std::cout << "there is " << name << '\n';

  // A name of our own, for a server that is somewhere else; for an hour, if nobody takes it away before.
  if (auto mounted = names.mount(within_10s, "library/favourites", entry->Servers[0].Server, 1h).get(); !mounted) {
    return failed(mounted.error());
  }
  auto favourites = shelf::ShelfClient(*runtime, "library/favourites").Books(within_10s).get();
  if (!favourites) return failed(favourites.error());
  std::cout << "favourites: " << favourites->front() << '\n';
  if (auto unmounted = names.unmount(within_10s, "library/favourites", "").get(); !unmounted) {
    return failed(unmounted.error());
  }

  auto nothing = shelf::ShelfClient(*runtime, "library/poetry").Books(within_10s, nb::CallOptions().no_retry()).get();
  std::cout << (nothing ? "there is poetry\n" : "there is no poetry\n");
  return 0;
}

// stop [STREAMS [GRACE_MS]]: how long Runtime::shutdown takes with so many open streams, over loopback and in memory,
// and how the streams end. See docs/spec/rpc.md 8.4.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "ledger.h"

namespace {

using namespace std::chrono_literals;
using Stream = nb::StreamCall<std::int64_t, std::int64_t, std::int64_t>;

double milliseconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

bool measure(const char* protocol, int count, std::chrono::milliseconds grace) {
  auto principal = nb::Principal::make().value();
  principal->set_default_blessings(principal->bless_self("faults").value()).value();
  const auto options = nb::RuntimeOptions().threads(2).local_network(nb::LocalNetwork::make()).principal(principal);
  auto server_runtime = nb::Runtime::make(options).value();
  auto server = server_runtime
                    .serve(std::make_shared<nb::rpc::faults::Ledger>(0),
                           nb::ServerOptions().listen(protocol, *protocol == 't' ? "127.0.0.1:0" : "stop"))
                    .value();
  std::vector<nb::Runtime> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(nb::Runtime::make(options).value());
  std::vector<Stream> streams;
  for (int i = 0; i < count; ++i) {
    const nb::Runtime& client = clients[static_cast<std::size_t>(i) % clients.size()];
    streams.push_back(nb::Object(client, server.name())
                          .stream<std::int64_t, std::int64_t, std::int64_t>(client.context(), nb::CallOptions(),
                                                                            "Follow", std::int64_t{-1}));
    if (!streams.back().send(i).get() || !streams.back().recv().get()) return false;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto stopped = server_runtime.shutdown(grace);
  const double took = milliseconds_since(began);
  std::map<std::string, int> ends;
  for (Stream& stream : streams) ++ends[std::string(stream.finish().get().error().id())];
  std::printf("%-6s %d streams, grace %lld ms: shutdown took %.1f ms%s, all had ended after %.1f ms:", protocol, count,
              static_cast<long long>(grace.count()), took, stopped ? "" : " AND FAILED", milliseconds_since(began));
  for (const auto& [id, number] : ends) std::printf(" %d %s", number, id.empty() ? "ok" : id.c_str());
  std::puts("");
  return static_cast<bool>(stopped);
}

}  // namespace

int main(int argc, char** argv) {
  const int streams = argc > 1 ? std::atoi(argv[1]) : 1000;
  const std::chrono::milliseconds grace(argc > 2 ? std::atoi(argv[2]) : 500);
  if (argc > 3 || streams < 1 || grace < 0ms) {
    std::fputs("usage: stop [STREAMS [GRACE_MS]]\n", stderr);
    return 2;
  }
  bool fine = true;
  for (const char* protocol : {"tcp", "local"}) fine = measure(protocol, streams, grace) && fine;
  return fine ? 0 : 1;
}

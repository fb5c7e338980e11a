// Searches that meet servers which do not mean well. What they find in honest tables is shown beside the mount table.
#include "rpc/glob_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <string>

#include <nb/rpc/glob.h>

#include "rpc/testing/scripted_table.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::entry;
using testing::nobody;
using testing::TableScene;

MountEntry found(std::string name, std::vector<std::string> servers, bool is_table = true) {
  return entry(std::move(servers), std::move(name), is_table);
}

// Lists what the test says, whatever it is asked.
class Lister final : public virtual Service, public ListsEverything {
 public:
  Task<Result<void>> glob(ServerCall&, std::string pattern, GlobReplies& replies) override {
    const int nth = times++;
    for (MountEntry& each : what(nth, pattern)) {
      GlobReply reply = GlobReply::Entry(std::move(each));
      auto told = replies.send(std::move(reply));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
    }
    co_return Result<void>();
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{{}, {}};
    return descriptor;
  }
  std::function<std::vector<MountEntry>(int nth, const std::string& pattern)> what;
  std::atomic<int> times = 0;
};

struct Scene : TableScene {
  Scene() : server(serve(lister, "lister", true)) {}
  std::multiset<std::string> glob(const std::string& pattern) {
    std::multiset<std::string> names;
    const Namespace at(*client_runtime, CallOptions().no_retry().namespace_roots({server.name()}));
    auto search = at.glob(context(60s), pattern);
    auto items = search.items();
    for (const GlobReply& reply : items) {
      reply.visit([&](const GlobReply::Entry& each) { names.insert(each.value.Name); },
                  [&](const GlobReply::Error& each) {
                    names.insert("! " + std::string(each.value.Error ? each.value.Error->message() : ""));
                  });
    }
    if (items.error()) names.insert(std::string(items.error().id()));
    return names;
  }
  std::shared_ptr<Lister> lister = std::make_shared<Lister>();
  Server server;
};

}  // namespace

TEST_CASE("a search that is led to ever new servers ends, also when none of them brings it any further") {
  Scene s;
  // The name of each is another one, and all lead to the same place.
  s.lister->what = [&](int nth, const std::string&) {
    return std::vector<MountEntry>{found("", {s.server.name("n" + std::to_string(nth))})};
  };
  CHECK(s.glob("*/x").empty());
  CHECK(s.lister->times <= 12);
  s.lister->times = 0;
  CHECK(s.glob("...").size() < 15);
  CHECK(s.lister->times <= 12);
  // One that gets on with each step goes on for as long as there is a pattern.
  s.lister->times = 0;
  s.lister->what = [&](int nth, const std::string&) {
    return std::vector<MountEntry>{found("e", {s.server.name("n" + std::to_string(nth))})};
  };
  std::string pattern = "*";
  for (int i = 1; i < 20; ++i) pattern += "/*";
  const auto names = s.glob(pattern);
  REQUIRE(names.size() >= 1);
  CHECK(std::ranges::count(*names.begin(), 'e') == 20);
}

TEST_CASE("a search remembers only so much of what it is led to, and says when it did not look everywhere") {
  Scene s;
  s.lister->what = [&](int nth, const std::string&) {
    std::vector<MountEntry> entries;
    if (nth > 0) return entries;
    for (int i = 0; i < 60; ++i) {
      std::vector<std::string> servers;
      for (int j = 0; j < 200; ++j) {
        servers.push_back(nobody("n" + std::to_string(i) + "." + std::to_string(j)) + "/" + std::string(3900, 'x'));
      }
      entries.push_back(found("e" + std::to_string(i), std::move(servers)));
    }
    return entries;
  };
  const auto names = s.glob("*/x");
  int cut_short = 0;
  for (const std::string& name : names) cut_short += name.find("cut short") != std::string::npos ? 1 : 0;
  CHECK(cut_short == 1);
}

TEST_CASE("names that a server tells stay below the place where it was asked") {
  Scene s;
  s.lister->what = [&](int, const std::string&) {
    return std::vector<MountEntry>{found("/evil:1", {"/evil:1"}, false), found("//evil", {"/evil:1"}, false),
                                   found(std::string(100'000, 'x'), {"/evil:1"}, false)};
  };
  CHECK(s.glob("*") == std::multiset<std::string>{"evil", "evil:1"});
  CHECK(s.glob(s.server.name("*")) == std::multiset<std::string>{s.server.name("evil"), s.server.name("evil:1")});
}

}  // namespace nb::rpc

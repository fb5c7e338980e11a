#include "rpc/resolution_cache.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using v23::naming::MountEntry;

MountEntry entry(std::string rest, std::vector<std::string> servers, std::chrono::nanoseconds ttl = 60s) {
  MountEntry made;
  made.Name = std::move(rest);
  made.ServesMountTable = true;
  for (auto& server : servers) made.Servers.emplace_back(std::move(server), Deadline::after(ttl));
  return made;
}

const Clock::Steady kNow = Clock::Steady(1h);

}  // namespace

TEST_CASE("what a table answered is found by the longest part of the name, with the rest of it") {
  ResolutionCache cache;
  cache.remember("/h:1", "a/b/c", entry("b/c", {"/h:2"}), kNow);
  cache.remember("/h:1", "a/x", entry("", {"/h:3"}), kNow);
  CHECK(cache.find("/h:1/a/b", kNow)->Name == "b");
  CHECK(cache.find("/h:1/a", kNow)->Servers.front().Server == "/h:2");
  CHECK(cache.find("/h:1/a/x/y", kNow)->Servers.front().Server == "/h:3");
  CHECK(cache.find("/h:1//a//x/y/", kNow)->Name == "y");
  CHECK(cache.find("/h:1/a/x", kNow)->ServesMountTable);
  CHECK_FALSE(cache.find("/h:1/ab", kNow));
  CHECK_FALSE(cache.find("/h:1", kNow));
}

TEST_CASE("an answer counts until the first of its servers expires, and starts with another one each time") {
  ResolutionCache cache;
  auto both = entry("", {"/h:2", "/h:3"});
  both.Servers[1].Deadline = Deadline::after(10s);
  cache.remember("/h:1", "a", both, kNow);
  CHECK(cache.find("/h:1/a", kNow)->Servers.front().Server == "/h:2");
  CHECK(cache.find("/h:1/a", kNow)->Servers.front().Server == "/h:3");
  CHECK(cache.find("/h:1/a", kNow)->Servers.front().Server == "/h:2");
  CHECK(cache.find("/h:1/a", kNow + 9s)->Servers.size() == 2);
  CHECK_FALSE(cache.find("/h:1/a", kNow + 11s));
}

TEST_CASE("an answer whose rest does not end the name that was asked for is not remembered, whatever it looks like") {
  ResolutionCache cache;
  // Taken off the whole name, these would be answers for other names of that host, or for other hosts.
  for (const char* const rest : {"x", "a", "h:1/a/b", "1/a/b", "/a/b/", "c/a/b", "/"}) {
    cache.remember("/h:1", "a/b", entry(rest, {"/evil:1"}), kNow);
  }
  cache.remember("/@6@unix@/tmp/x@@00000000000000000000000000000001@m@@@", "a",
                 entry("x@@00000000000000000000000000000001@m@@@/a", {"/evil:1"}), kNow);
  CHECK(cache.size() == 0);
  cache.remember("/h:1", "a/b", entry("a/b", {"/h:2"}), kNow);
  CHECK(cache.find("/h:1/a/b", kNow)->Name == "a/b");
}

TEST_CASE("no deadline that a table can write breaks the cache") {
  ResolutionCache cache;
  for (const auto left : {std::chrono::nanoseconds::max(), std::chrono::nanoseconds::min()}) {
    cache.remember("/h:1", "a", entry("", {"/h:2"}, left), kNow);
    CHECK(cache.find("/h:1/a", kNow).has_value() == (left.count() > 0));
    CHECK_FALSE(cache.find("/h:1/a", kNow + std::chrono::hours(24 * 366)));
  }
}

TEST_CASE("names are forgotten with what begins as they do, and everything when the cache is off") {
  ResolutionCache cache;
  for (const char* const name : {"a", "a/b", "ab", "c"}) cache.remember("/h:1", name, entry("", {"/h:2"}), kNow);
  cache.forget({"/h:1/a/", "/h:9"});
  CHECK(cache.size() == 1);
  cache.enable(false);
  cache.remember("/h:1", "a", entry("", {"/h:2"}), kNow);
  CHECK(cache.size() == 0);
}

TEST_CASE("a full cache makes room, first by dropping what has expired") {
  ResolutionCache cache;
  for (int i = 0; i < 4000; ++i) {
    cache.remember("/h:1", "n" + std::to_string(i), entry("", {"/h:2"}, i < 2000 ? 1s : 60s), kNow);
  }
  cache.remember("/h:1", "new", entry("", {"/h:2"}), kNow + 2s);
  CHECK(cache.size() == 2001);
  for (int i = 0; i < 9000; ++i) cache.remember("/h:1", "m" + std::to_string(i), entry("", {"/h:2"}), kNow + 2s);
  CHECK(cache.size() <= 4000);
  CHECK(cache.size() >= 3000);
}

TEST_CASE("that a server is no mount table is believed for a minute, and never of an endpoint") {
  ResolutionCache cache;
  cache.remember_no_table("/h:1", kNow);
  CHECK(cache.is_known_no_table("/h:1", kNow + 60s));
  CHECK_FALSE(cache.is_known_no_table("/h:1", kNow + 61s));
  cache.remember_no_table("/@6@tcp@h:1@@00000000000000000000000000000001@m@@@", kNow);
  CHECK_FALSE(cache.is_known_no_table("/@6@tcp@h:1@@00000000000000000000000000000001@m@@@", kNow));
}

TEST_CASE("the end of a name is taken off element by element") {
  CHECK(without_suffix("/h:1/a/b", "b") == "/h:1/a");
  CHECK(without_suffix("/h:1/ab", "b") == "/h:1/ab");
  CHECK(without_suffix("a", "a").empty());
  CHECK(without_suffix("a", "") == "a");
}

}  // namespace nb::rpc

#include "services/mount_tree.h"

#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include <nb/base/verror.h>

#include "naming/errors.h"

namespace nb::services {
namespace {

using namespace std::chrono_literals;
using v23::naming::Leaf;
using v23::naming::MountEntry;
using v23::naming::MountFlag;
using v23::naming::MT;
using v23::naming::Replace;

const char* const kServer = "/@6@tcp@127.0.0.1:1@@00000000000000000000000000000001@s@alice@@";
const char* const kOther = "/@6@tcp@127.0.0.1:2@@00000000000000000000000000000002@s@alice@@";

MountCaller caller(const std::string& name) {
  MountCaller who;
  if (!name.empty()) who.names = {name};
  who.creator = user_of(name);
  return who;
}

AccessList list(std::vector<std::string> in) {
  AccessList made;
  for (auto& each : in) made.In.emplace_back(std::move(each));
  return made;
}

struct Scene {
  Scene() : Scene(MountTableOptions()) {}
  explicit Scene(MountTableOptions options) : tree(options.clock(clock)) { REQUIRE(tree.load()); }

  Result<void> mount(const std::string& who, const std::string& name, const std::string& server = kServer,
                     std::uint32_t ttl = 60, MountFlag flags = MountFlag()) {
    return tree.mount(caller(who), path_of(name), server, ttl, flags);
  }
  Result<MountEntry> resolve(const std::string& who, const std::string& name) {
    return tree.resolve_step(caller(who), path_of(name));
  }
  std::set<std::string> glob(const std::string& who, const std::string& base, const std::string& pattern) {
    std::set<std::string> names;
    std::vector<GlobPlace> places{GlobPlace("", naming::Glob::parse(pattern).value())};
    while (!places.empty()) {
      const GlobPlace place = std::move(places.back());
      places.pop_back();
      if (const auto found = tree.glob_step(caller(who), path_of(base), place, places)) {
        names.insert(found->Name + (found->Servers.empty() ? "" : "=" + std::to_string(found->Servers.size())));
      }
    }
    return names;
  }

  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  MountTree tree;
};

using Names = std::set<std::string>;

}  // namespace

TEST_CASE("a server that is mounted is found under its name, and what is left of a longer one is told") {
  Scene s;
  REQUIRE(s.mount("alice", "a/b", kServer, 60, Leaf));
  const auto entry = s.resolve("bob", "a/b/c/d").value();
  CHECK(entry.Name == "c/d");
  REQUIRE(entry.Servers.size() == 1);
  CHECK(entry.Servers.front().Server == kServer);
  CHECK(entry.Servers.front().Deadline.left() == 60s);
  CHECK(entry.IsLeaf);
  CHECK_FALSE(entry.ServesMountTable);
  CHECK(naming::kNameDoesntExist.matches(s.resolve("bob", "a").error()));
  CHECK(naming::kNameDoesntExist.matches(s.resolve("bob", "x").error()));
  CHECK(naming::kRootNameDoesntExist.matches(s.resolve("bob", "").error()));
}

TEST_CASE("a server goes when its time is over, and with it the nodes that were there for it alone") {
  Scene s;
  REQUIRE(s.mount("alice", "a/b", kServer, 60));
  REQUIRE(s.mount("alice", "a/b", kOther, 30));
  CHECK(s.tree.size() == 3);
  s.clock->advance(31s);
  CHECK(s.resolve("", "a/b").value().Servers.size() == 1);
  REQUIRE(s.mount("alice", "a/b", kServer, 60));  // refreshed
  s.clock->advance(59s);
  CHECK(s.resolve("", "a/b").value().Servers.front().Deadline.left() == 1s);
  s.clock->advance(2s);
  CHECK(naming::kNameDoesntExist.matches(s.resolve("", "a/b").error()));
  CHECK(s.tree.size() == 1);
  REQUIRE(s.mount("alice", "c", kServer, 0));  // ten years
  s.clock->advance(24h * 3000);
  CHECK(s.resolve("", "c"));
}

TEST_CASE("the server that was refreshed last is named first") {
  Scene s;
  REQUIRE(s.mount("", "a", kServer));
  REQUIRE(s.mount("", "a", kOther));
  CHECK(s.resolve("", "a").value().Servers.front().Server == kOther);
  REQUIRE(s.mount("", "a", kServer));
  CHECK(s.resolve("", "a").value().Servers.front().Server == kServer);
  CHECK(s.resolve("", "a").value().Servers.size() == 2);
}

TEST_CASE("servers with other flags do not go together under a name, unless the ones before have expired") {
  Scene s;
  REQUIRE(s.mount("", "a", kServer, 60, MT));
  CHECK_FALSE(s.mount("", "a", kOther, 60));
  CHECK_FALSE(s.mount("", "a", kOther, 60, MountFlag(MT | Leaf)));
  REQUIRE(s.mount("", "a", kOther, 60, MountFlag(MT | Replace)));
  CHECK(s.resolve("", "a").value().Servers.size() == 1);
  s.clock->advance(61s);
  CHECK(s.mount("", "a", kOther, 60, Leaf));
}

TEST_CASE("mounting takes the names below away, and what is no address is refused") {
  Scene s;
  REQUIRE(s.mount("", "a/b/c"));
  REQUIRE(s.mount("", "a"));
  CHECK(s.resolve("", "a/b/c").value().Name == "b/c");
  CHECK(s.tree.size() == 2);
  CHECK(verror::BadArg.matches(s.mount("", "x", "/@7@nothing@@").error()));
  CHECK(verror::BadArg.matches(s.mount("", "x", "").error()));
  CHECK(s.mount("", "x", "127.0.0.1:80"));
}

TEST_CASE("unmounting takes one server, or all of them; what is not there is no mistake") {
  Scene s;
  REQUIRE(s.mount("", "a/b", kServer));
  REQUIRE(s.mount("", "a/b", kOther));
  REQUIRE(s.tree.unmount(caller(""), path_of("a/b"), kServer));
  CHECK(s.resolve("", "a/b").value().Servers.size() == 1);
  REQUIRE(s.tree.unmount(caller(""), path_of("a/b"), ""));
  CHECK_FALSE(s.resolve("", "a/b"));
  CHECK(s.tree.size() == 1);
  CHECK(s.tree.unmount(caller(""), path_of("a/b/c"), kServer));
}

TEST_CASE("a node with children is deleted only with all of them, and the root never") {
  Scene s;
  REQUIRE(s.mount("", "a/b"));
  CHECK_FALSE(s.tree.remove(caller(""), path_of("a"), false));
  CHECK(s.tree.remove(caller(""), path_of("a"), true));
  CHECK(s.tree.size() == 1);
  CHECK_FALSE(s.tree.remove(caller(""), {}, true));
  CHECK(s.tree.remove(caller(""), path_of("x"), true));
}

TEST_CASE("listing shows mount points and what lies between, and stops where somebody else goes on") {
  Scene s;
  REQUIRE(s.mount("", "a/b", kServer));
  REQUIRE(s.mount("", "a/c/d", kServer));
  REQUIRE(s.mount("", "a/c/d", kOther));
  CHECK(s.glob("", "", "*") == Names{"a"});
  CHECK(s.glob("", "", "*/*") == Names{"a/b=1", "a/c"});
  CHECK(s.glob("", "", "...") == Names{"", "a", "a/b=1", "a/c", "a/c/d=2"});
  CHECK(s.glob("", "a", "*") == Names{"b=1", "c"});
  CHECK(s.glob("", "a/c/d", "") == Names{"=2"});
  CHECK(s.glob("", "", "a/b/x/y") == Names{"a/b=1"});
  // Below a mount point: whom to ask there.
  CHECK(s.glob("", "a/b/x", "*") == Names{"=1"});
  CHECK(s.glob("", "nothing", "*").empty());
}

TEST_CASE("each node says who may do what with it, and its maker is one of its Admins") {
  MountTableOptions options;
  Permissions root;
  root["Admin"] = list({"root"});
  root["Create"] = list({"alice", "bob"});
  root["Resolve"] = list({"..."});
  options.permissions({{"", root}});
  Scene s(options);
  CHECK(verror::NoAccess.matches(s.mount("carol", "c").error()));
  REQUIRE(s.mount("alice", "a"));
  CHECK(verror::NoAccess.matches(s.mount("bob", "a").error()));
  CHECK(s.mount("alice", "a", kOther));
  CHECK(s.mount("root", "a", kOther));
  CHECK(s.resolve("carol", "a"));
  CHECK(verror::NoAccess.matches(s.tree.unmount(caller("bob"), path_of("a"), "").error()));
  // Only those who may read can list; others find what they know the name of.
  CHECK(s.glob("carol", "", "*").empty());
  CHECK(s.glob("carol", "", "a") == Names{"a=2"});
  CHECK(s.glob("root", "", "*") == Names{"a=2"});
  CHECK(verror::NoAccess.matches(s.tree.permissions(caller("bob"), {}).error()));
}

TEST_CASE("what nobody may see through a node on the way is not there in listings") {
  MountTableOptions options;
  Permissions closed;
  closed["Admin"] = list({"root"});
  options.permissions({{"", Permissions()}, {"a", closed}});
  options.permissions({{"a", closed}});
  Scene s(options);
  REQUIRE(s.mount("root", "a/b"));
  CHECK(verror::NoAccess.matches(s.resolve("bob", "a/b").error()));
  CHECK(s.glob("bob", "", "...") == Names{""});
  CHECK(s.glob("bob", "a", "*").empty());
  CHECK(s.glob("root", "", "...") == Names{"", "a", "a/b=1"});
}

TEST_CASE("permissions are changed by Admins, with a version, and never so that the caller locks himself out") {
  Scene s;
  REQUIRE(s.mount("alice", "a"));
  auto before = s.tree.permissions(caller("alice"), path_of("a")).value();
  CHECK_FALSE(before.permissions);
  CHECK(before.version.empty());
  Permissions wanted;
  wanted["Read"] = list({"bob", "bob"});
  REQUIRE(s.tree.set_permissions(caller("alice"), path_of("a"), wanted, ""));
  const auto now = s.tree.permissions(caller("bob"), path_of("a")).value();
  CHECK(now.version == "1");
  CHECK(now.permissions->at("Admin") == list({"alice"}));
  CHECK(now.permissions->at("Read") == list({"bob"}));
  CHECK(verror::BadVersion.matches(s.tree.set_permissions(caller("alice"), path_of("a"), wanted, "0").error()));
  CHECK(verror::BadVersion.matches(s.tree.set_permissions(caller("alice"), path_of("a"), wanted, "1x").error()));
  CHECK(verror::NoAccess.matches(s.tree.set_permissions(caller("bob"), path_of("a"), wanted, "").error()));
  CHECK(s.tree.set_permissions(caller("alice"), path_of("a"), wanted, "1"));
  // A node that holds permissions stays when nothing is mounted there.
  REQUIRE(s.tree.unmount(caller("alice"), path_of("a"), ""));
  CHECK(s.tree.permissions(caller("alice"), path_of("a")).value().version == "2");
  CHECK(naming::kNameDoesntExist.matches(s.tree.permissions(caller("alice"), path_of("x")).error()));
  Permissions huge;
  huge["Read"] = list({std::string(200'000, 'x')});
  CHECK_FALSE(s.tree.set_permissions(caller("alice"), path_of("a"), huge, ""));
}

TEST_CASE("a template gives each child permissions with its own name in them") {
  MountTableOptions options;
  Permissions users;
  users["Create"] = list({"..."});
  users["Read"] = list({"..."});
  Permissions each;
  each["Admin"] = list({"%%"});
  each["Resolve"] = list({"..."});
  options.permissions({{"users", users}, {"users/%%", each}});
  Scene s(options);
  CHECK(s.mount("alice", "users/alice/phone"));
  CHECK(verror::NoAccess.matches(s.mount("bob", "users/alice/door").error()));
  CHECK(verror::NoAccess.matches(s.mount("bob", "users/carol").error()));
  CHECK(s.mount("bob:car", "users/bob"));
  CHECK(s.resolve("mallory", "users/bob"));
}

TEST_CASE("a user can make so many nodes and no more, and gets back what is deleted") {
  MountTableOptions options;
  Scene s(options.max_nodes_per_user(3));
  REQUIRE(s.mount("alice:x", "a/b/c"));
  CHECK_FALSE(s.mount("alice:y", "d"));
  CHECK(s.mount("bob", "d"));
  // What was made on the way to a refusal is taken back.
  CHECK_FALSE(s.mount("bob", "e/f/g"));
  CHECK(s.tree.size() == 5);
  REQUIRE(s.tree.remove(caller("alice"), path_of("a"), true));
  CHECK(s.mount("alice", "a/b/d"));
}

TEST_CASE("a user can mount so many servers, wherever it is, and those of others that he refreshes are his") {
  MountTableOptions options;
  Scene s(options.max_servers_per_user(2));
  REQUIRE(s.mount("alice", "a", "/h:1"));
  REQUIRE(s.mount("alice", "b", "/h:1", 30));
  CHECK(verror::BadState.matches(s.mount("alice", "a", "/h:2").error()));
  CHECK(s.mount("alice", "a", "/h:1"));  // refreshed
  CHECK(s.mount("bob", "a", "/h:2"));
  CHECK_FALSE(s.mount("alice", "a", "/h:2"));
  REQUIRE(s.mount("bob", "a", "/h:1"));
  CHECK(s.mount("alice", "c", "/h:1", 30));
  CHECK_FALSE(s.mount("bob", "d", "/h:1"));
  REQUIRE(s.tree.unmount(caller("alice"), path_of("a"), ""));
  CHECK(s.mount("bob", "d", "/h:1"));
  // In the place of others: theirs are given back.
  REQUIRE(s.mount("bob", "d", "/h:2"));
  REQUIRE(s.mount("bob", "d", "/h:3", 60, Replace));
  CHECK(s.mount("bob", "d", "/h:4"));
  // What has expired is given back when room is needed, though nobody has looked at it.
  s.clock->advance(61s);
  CHECK(s.mount("alice", "e", "/h:1"));
  CHECK(s.mount("alice", "e", "/h:2"));
  CHECK(s.tree.size() == 2);
}

TEST_CASE("a user's nodes, servers and permissions take so much room and no more") {
  MountTableOptions options;
  Scene s(options.max_bytes_per_user(30'000).max_nodes_per_user(10'000));
  REQUIRE(s.mount("alice", "a"));
  Permissions large;
  large["Read"] = list({std::string(20'000, 'x')});
  REQUIRE(s.tree.set_permissions(caller("alice"), path_of("a"), large, ""));
  CHECK(verror::BadState.matches(s.tree.set_permissions(caller("alice"), path_of("b"), large, "").error()));
  // As inherited ones they count for who inherits.
  CHECK_FALSE(s.mount("alice", "b/" + std::string(500, 'x') + "/" + std::string(500, 'y') + "/c",
                      "/h:1/" + std::string(4000, 'z'))
                  .error());
  const std::size_t before = s.tree.size();
  int made = 0;
  while (made < 1000 && s.mount("alice", "n" + std::to_string(made))) ++made;
  CHECK(made < 50);
  CHECK(s.tree.size() == before + static_cast<std::size_t>(made));
  CHECK(s.mount("bob", "m"));
  REQUIRE(s.tree.set_permissions(caller("alice"), path_of("a"), Permissions(), ""));
  CHECK(s.mount("alice", "n" + std::to_string(made)));
}

TEST_CASE("names that are too long or too deep make no nodes") {
  Scene s;
  CHECK(verror::BadArg.matches(s.mount("", std::string(513, 'x')).error()));
  CHECK(s.mount("", std::string(512, 'x')));
  std::string deep = "a";
  for (int i = 0; i < 200; ++i) deep += "/a";
  CHECK(verror::BadArg.matches(s.mount("", deep).error()));
  CHECK(verror::BadArg.matches(s.tree.set_permissions(caller(""), path_of(deep), Permissions(), "").error()));
  for (int i = 1; i <= 1000; ++i) {
    REQUIRE(s.mount("", "many", "127.0.0.1:" + std::to_string(i)));
  }
  CHECK_FALSE(s.mount("", "many", "127.0.0.1:1001"));
}

TEST_CASE("a user is the first part of a blessing name, or three where the second is one letter") {
  CHECK(user_of("alice") == "alice");
  CHECK(user_of("alice:phone:x") == "alice");
  CHECK(user_of("dev.v.io:u:alice:x:y") == "dev.v.io:u:alice");
  CHECK(user_of("dev.v.io:u:alice") == "dev.v.io:u:alice");
  CHECK(user_of("dev.v.io:u") == "dev.v.io");
}

}  // namespace nb::services

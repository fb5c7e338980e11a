#include <nb/services/mount_table_store.h>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include <nb/base/verror.h>

#include "security/testing/temporary_folder.h"
#include "services/mount_tree.h"

namespace nb {
namespace {

using namespace std::chrono_literals;
using services::MountTree;
using services::path_of;

StoredNode node(std::string name, std::vector<StoredServer> servers = {}) {
  StoredNode made;
  made.name = std::move(name);
  made.creator = "alice";
  made.servers = std::move(servers);
  return made;
}

std::vector<std::string> names_in(MountTableStore& store) {
  std::vector<std::string> names;
  const auto nodes = store.load().value();
  for (const StoredNode& each : nodes) names.push_back(each.name);
  std::ranges::sort(names);
  return names;
}

void check_store(MountTableStore& store) {
  CHECK(store.load().value().empty());
  StoredNode full =
      node("a/b", {StoredServer("/h:1", Clock::Wall(12345678901ns)), StoredServer("/h:2", Clock::Wall())});
  full.permissions.emplace();
  (*full.permissions)["Read"].In.emplace_back("bob");
  full.version = 7;
  full.is_explicit = true;
  full.flags = 4;
  REQUIRE(store.update({}, {node("a"), full}));
  auto nodes = store.load().value();
  std::ranges::sort(nodes, {}, &StoredNode::name);
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0] == node("a"));
  CHECK(nodes[1] == full);

  full.servers.pop_back();
  REQUIRE(store.update({}, {full, node("a0"), node("a.b"), node(std::string("\xff\0", 2))}));
  CHECK(names_in(store) == std::vector<std::string>{"a", "a.b", "a/b", "a0", std::string("\xff\0", 2)});
  // A name with all below it, and nothing that only begins with the same letters.
  REQUIRE(store.update({"a"}, {node("a")}));
  CHECK(names_in(store) == std::vector<std::string>{"a", "a.b", "a0", std::string("\xff\0", 2)});
}

}  // namespace

TEST_CASE("a store in memory gives back what it was given, and forgets whole subtrees") {
  check_store(*memory_mount_table_store());
}

TEST_CASE("a store in a file does so, too, also when it is opened again") {
  const security::testing::TemporaryFolder folder;
  const std::string path = folder / "table";
  {
    const auto store = file_mount_table_store(path).value();
    check_store(*store);
  }
  const auto store = file_mount_table_store(path).value();
  CHECK(names_in(*store) == std::vector<std::string>{"a", "a.b", "a0", std::string("\xff\0", 2)});
}

TEST_CASE("a file has one owner, and what is no database is refused") {
  const security::testing::TemporaryFolder folder;
  const auto store = file_mount_table_store(folder / "table").value();
  CHECK(verror::BadState.matches(file_mount_table_store(folder / "table").error()));
  CHECK_FALSE(file_mount_table_store(folder / "no/such/folder"));
  security::testing::write_file(
      folder / "text",
      "this is not a database, and it is long enough to have been one if it had been one at all......");
  CHECK_FALSE(file_mount_table_store(folder / "text"));
}

TEST_CASE("a permission that cannot be written is refused and not half of it kept") {
  const security::testing::TemporaryFolder folder;
  const auto store = file_mount_table_store(folder / "table").value();
  StoredNode bad = node("b");
  bad.permissions.emplace();
  (*bad.permissions)["Read"].In.emplace_back("\xff");
  CHECK_FALSE(store->update({}, {node("a"), bad}));
  CHECK(store->load().value().empty());
}

TEST_CASE("a table goes on where the one before it stopped") {
  const security::testing::TemporaryFolder folder;
  const auto clock = std::make_shared<HandClock>();
  services::MountCaller alice;
  alice.names = {"alice"};
  alice.creator = "alice";
  const auto options = [&] {
    MountTableOptions made;
    Permissions root;
    root["Create"].In.emplace_back("alice");
    root["Read"].In.emplace_back("...");
    return made.clock(clock)
        .permissions({{"", root}})
        .max_nodes_per_user(3)
        .store(file_mount_table_store(folder / "table").value());
  };
  {
    MountTree tree(options());
    REQUIRE(tree.load());
    REQUIRE(tree.mount(alice, path_of("a/b"), "/h:1", 100, v23::naming::MT));
    REQUIRE(tree.mount(alice, path_of("c"), "/h:1", 10, {}));
    Permissions wanted;
    wanted["Read"].In.emplace_back("bob");
    REQUIRE(tree.set_permissions(alice, path_of("a"), wanted, ""));
  }
  clock->advance(20s);
  {
    MountTree tree(options());
    REQUIRE(tree.load());
    const auto entry = tree.resolve_step(alice, path_of("a/b")).value();
    CHECK(entry.ServesMountTable);
    CHECK(entry.Servers.front().Deadline.left() == 80s);
    CHECK_FALSE(tree.resolve_step(alice, path_of("c")));  // expired meanwhile
    CHECK(tree.permissions(alice, path_of("a")).value().version == "1");
    // She is still the maker, and still Admin of what she made.
    CHECK(tree.mount(alice, path_of("a/b"), "/h:2", 100, v23::naming::MT));
    CHECK(tree.mount(alice, path_of("d"), "/h:2", 100, {}));
    CHECK_FALSE(tree.mount(alice, path_of("e"), "/h:2", 100, {}));
    REQUIRE(tree.remove(alice, path_of("a"), true));
  }
  MountTree tree(options());
  REQUIRE(tree.load());
  CHECK(tree.size() == 2);
  CHECK(tree.resolve_step(alice, path_of("d")));
}

TEST_CASE("what a table said had happened is there after it was killed in the middle of its work") {
  const security::testing::TemporaryFolder folder;
  std::array<int, 2> said{};
  REQUIRE(::pipe(said.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto store = file_mount_table_store(folder / "table");
    if (!store) ::_exit(1);
    MountTableOptions options;
    MountTree tree(options.store(*store).max_nodes_per_user(1'000'000));
    if (!tree.load()) ::_exit(1);
    const services::MountCaller nobody;
    for (std::uint32_t i = 0;; ++i) {
      const std::string name = "a" + std::to_string(i % 50) + "/b" + std::to_string(i);
      if (!tree.mount(nobody, path_of(name), "/h:1", 3600, {})) ::_exit(1);
      if (::write(said[1], &i, sizeof i) != sizeof i) ::_exit(1);
    }
  }
  ::close(said[1]);
  std::uint32_t last = 0;
  while (last < 100 && ::read(said[0], &last, sizeof last) == sizeof last) {
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (std::uint32_t more = 0; ::read(said[0], &more, sizeof more) == sizeof more;) last = more;
  ::close(said[0]);
  REQUIRE(last >= 100);

  MountTableOptions options;
  MountTree tree(options.store(file_mount_table_store(folder / "table").value()));
  REQUIRE(tree.load());
  for (std::uint32_t i = 0; i <= last; ++i) {
    const std::string name = "a" + std::to_string(i % 50) + "/b" + std::to_string(i);
    CHECK_MESSAGE(tree.resolve_step(services::MountCaller(), path_of(name)), name);
  }
}

TEST_CASE("permissions of a table are read from JSON, and what would be misunderstood is refused") {
  const auto read = mount_table_permissions_from_json(
      R"({"": {"Admin": {"In": ["root"]}}, "users/%%": {"Admin": {"In": ["%%"], "NotIn": ["x"]}}})");
  REQUIRE(read);
  CHECK(read->size() == 2);
  CHECK(read->at("users/%%").at("Admin").NotIn == std::vector<std::string>{"x"});
  for (const char* const bad :
       {"", "[]", "{", R"({"a": 1})", R"({"a": {"Read": {"On": []}}})", R"({"a": {}, "a": {}})",
        R"({"a": {"Read": {"In": ["x"]}, "Read": {"In": ["y"]}}})", R"({"a": [[[[[[[[[[[[]]]]]]]]]]]]})"}) {
    CAPTURE(bad);
    CHECK_FALSE(mount_table_permissions_from_json(bad));
  }
}

}  // namespace nb

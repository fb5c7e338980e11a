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
#include "services/sqlite.h"

namespace nb {
namespace {

using namespace std::chrono_literals;
using services::MountTree;
using services::path_of;

StoredNode node(std::string name) {
  StoredNode made;
  made.name = std::move(name);
  made.creator = "alice";
  return made;
}

StoredServer server(std::string node, std::string name, Clock::Wall expires, std::int64_t place) {
  StoredServer made(std::move(node), std::move(name));
  made.owner = "bob";
  made.expires = expires;
  made.place = place;
  return made;
}

MountTableChange writing(std::vector<StoredNode> nodes, std::vector<StoredServer> servers = {}) {
  MountTableChange change;
  change.nodes = std::move(nodes);
  change.servers = std::move(servers);
  return change;
}

std::vector<std::string> names_in(MountTableStore& store) {
  std::vector<std::string> names;
  const auto table = store.load().value();
  for (const StoredNode& each : table.nodes) names.push_back(each.name);
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> servers_in(MountTableStore& store) {
  std::vector<std::string> names;
  const auto table = store.load().value();
  for (const StoredServer& each : table.servers) names.push_back(each.node + "=" + each.name);
  std::ranges::sort(names);
  return names;
}

using Names = std::vector<std::string>;

void check_store(MountTableStore& store) {
  CHECK(store.load().value().nodes.empty());
  StoredNode full = node("a/b");
  full.permissions.emplace();
  (*full.permissions)["Read"].In.emplace_back("bob");
  full.version = 7;
  full.is_explicit = true;
  full.flags = 4;
  const auto first = server("a/b", "/h:1", Clock::Wall(12345678901ns), 5);
  REQUIRE(store.update(writing({node("a"), full}, {first, server("a/b", "/h:2", Clock::Wall(), 6)})));
  auto table = store.load().value();
  std::ranges::sort(table.nodes, {}, &StoredNode::name);
  std::ranges::sort(table.servers, {}, &StoredServer::name);
  REQUIRE(table.nodes.size() == 2);
  CHECK(table.nodes[0] == node("a"));
  CHECK(table.nodes[1] == full);
  REQUIRE(table.servers.size() == 2);
  CHECK(table.servers[0] == first);

  // A node that is written anew keeps its servers, and one of these is written alone.
  MountTableChange change;
  change.unmounted = {{"a/b", "/h:2"}, {"a/b", "/none:1"}, {"x", "/h:1"}};
  change.nodes = {full, node("a0"), node("a.b"), node(std::string("\xff\0", 2))};
  change.servers = {server("a/b", "/h:1", Clock::Wall(2ns), 9), server("a0", "/h:1", Clock::Wall(2ns), 8)};
  REQUIRE(store.update(change));
  CHECK(names_in(store) == Names{"a", "a.b", "a/b", "a0", std::string("\xff\0", 2)});
  CHECK(servers_in(store) == Names{"a/b=/h:1", "a0=/h:1"});
  CHECK(store.load().value().servers.front().place >= 8);
  // A name with all below it, and nothing that only begins with the same letters; what is erased can be written anew.
  MountTableChange erasing = writing({node("a")});
  erasing.erased = {"a", "nowhere"};
  REQUIRE(store.update(erasing));
  CHECK(names_in(store) == Names{"a", "a.b", "a0", std::string("\xff\0", 2)});
  CHECK(servers_in(store) == Names{"a0=/h:1"});
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
  CHECK(names_in(*store) == Names{"a", "a.b", "a0", std::string("\xff\0", 2)});
  CHECK(servers_in(*store) == Names{"a0=/h:1"});
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
  CHECK_FALSE(store->update(writing({node("a"), bad})));
  CHECK(store->load().value().nodes.empty());
}

TEST_CASE("a file of the first format is read, and is one of the second from then on") {
  const security::testing::TemporaryFolder folder;
  const std::string path = folder / "table";
  {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &opened) == SQLITE_OK);
    const services::Database database(opened);
    REQUIRE(services::execute(opened, R"(
      CREATE TABLE node(
        name BLOB PRIMARY KEY NOT NULL, creator BLOB NOT NULL, version INTEGER NOT NULL, explicit INTEGER NOT NULL,
        flags INTEGER NOT NULL, permissions BLOB) WITHOUT ROWID;
      CREATE TABLE server(
        name BLOB NOT NULL, place INTEGER NOT NULL, server BLOB NOT NULL, expires INTEGER NOT NULL,
        PRIMARY KEY(name, place)) WITHOUT ROWID;
      INSERT INTO node VALUES(x'61', x'62', 3, 1, 4, NULL);
      INSERT INTO server VALUES(x'61', 0, x'2f683a31', 9000000000000000000);
      INSERT INTO server VALUES(x'61', 1, x'2f683a32', 9000000000000000000);
      PRAGMA user_version = 1;)"));
  }
  for (int i = 0; i < 2; ++i) {
    MountTableOptions options;
    MountTree tree(options.store(file_mount_table_store(path).value()));
    REQUIRE(tree.load());
    const auto entry = tree.resolve_step(services::MountCaller(), path_of("a")).value();
    CHECK(entry.IsLeaf);
    REQUIRE(entry.Servers.size() == 2);
    CHECK(entry.Servers.front().Server == "/h:1");
  }
}

TEST_CASE("what a table changes in its store is what the operation changed") {
  struct Recorder final : MountTableStore {
    Result<StoredTable> load() override { return inner->load(); }
    Result<void> update(const MountTableChange& change) override {
      latest = change;
      ++times;
      return inner->update(change);
    }
    std::shared_ptr<MountTableStore> inner = memory_mount_table_store();
    MountTableChange latest;
    int times = 0;
  };
  const auto store = std::make_shared<Recorder>();
  const auto clock = std::make_shared<HandClock>();
  const auto fresh = [&] { return MountTableOptions().store(store).clock(clock); };
  MountTree tree(fresh());
  REQUIRE(tree.load());
  CHECK(store->times == 0);
  const services::MountCaller nobody;
  const auto mount = [&](const std::string& name, const std::string& server, std::uint32_t ttl = 60,
                         v23::naming::MountFlag flags = {}) {
    REQUIRE(tree.mount(nobody, path_of(name), server, ttl, flags));
  };
  mount("a/b", "/h:1");
  CHECK(store->latest.nodes.size() == 2);
  for (int i = 2; i <= 500; ++i) mount("a/b", "/h:" + std::to_string(i), 1000);
  // Refreshing one of five hundred.
  mount("a/b", "/h:7", 1000);
  CHECK(store->latest.nodes.empty());
  CHECK(store->latest.unmounted.empty());
  REQUIRE(store->latest.servers.size() == 1);
  CHECK(store->latest.servers.front().name == "/h:7");
  // What has expired meanwhile goes with the next change, once.
  clock->advance(61s);
  mount("c", "/h:1", 10);
  CHECK(store->latest.unmounted.empty());  // nobody has looked yet
  CHECK(tree.resolve_step(nobody, path_of("a/b")));
  clock->advance(11s);
  CHECK_FALSE(tree.resolve_step(nobody, path_of("c")));
  mount("d", "/h:1");
  CHECK(store->latest.unmounted == std::vector<std::pair<std::string, std::string>>{{"a/b", "/h:1"}, {"c", "/h:1"}});
  CHECK(store->latest.erased == Names{"c"});
  mount("d", "/h:1");
  CHECK(store->latest.unmounted.empty());
  CHECK(store->latest.erased.empty());
  // In place of the others, and with other flags.
  REQUIRE(tree.unmount(nobody, path_of("a/b"), "/h:3"));
  CHECK(store->latest.unmounted.size() == 1);
  mount("a/b", "/new:1", 1000, v23::naming::Replace);
  CHECK(store->latest.unmounted.size() == 498);
  CHECK(servers_in(*store).size() == 2);
  REQUIRE(tree.unmount(nobody, path_of("a/b"), ""));
  CHECK(store->latest.erased == Names{"a"});
  // Refusals leave nothing behind.
  const int times = store->times;
  CHECK_FALSE(tree.mount(nobody, path_of("e/f"), "nonsense@@", 1, {}));
  CHECK(store->times == times);
  MountTree again(fresh());
  REQUIRE(again.load());
  CHECK(again.size() == tree.size());
}

TEST_CASE("what kind of server is mounted is stored anew when those of another kind have expired") {
  const auto store = memory_mount_table_store();
  const auto clock = std::make_shared<HandClock>();
  const services::MountCaller nobody;
  const auto fresh = [&] { return MountTableOptions().store(store).clock(clock); };
  {
    MountTree tree(fresh());
    REQUIRE(tree.load());
    REQUIRE(tree.mount(nobody, {}, "/h:1", 10, v23::naming::MT));
    clock->advance(11s);
    REQUIRE(tree.mount(nobody, {}, "/h:1", 10, {}));
  }
  MountTree tree(fresh());
  REQUIRE(tree.load());
  CHECK_FALSE(tree.resolve_step(nobody, {}).value().ServesMountTable);
}

TEST_CASE("what is mounted at a node that nobody made is there again") {
  const auto store = memory_mount_table_store();
  services::MountCaller alice;
  alice.names = {"alice"};
  alice.creator = "alice";
  Permissions all;
  all["Admin"].In.emplace_back("alice");
  for (const bool is_first : {true, false}) {
    MountTableOptions options;
    MountTree tree(options.store(store).permissions({{"", all}, {"a/b", all}}));
    REQUIRE(tree.load());
    if (is_first) REQUIRE(tree.mount(alice, path_of("a/b"), "/h:1", 1000, {}));
    CHECK(tree.resolve_step(alice, path_of("a/b")).value().Servers.size() == 1);
  }
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

// The mount table as its clients meet it.
#include <nb/services/mount_table.h>

#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include <nb/base/verror.h>
#include <nb/rpc/client.h>
#include <nb/rpc/glob.h>

#include "rpc/testing/family.h"
#include "v.io/v23/services/mounttable/mounttable.rpc.h"

namespace nb {
namespace {

using namespace std::chrono_literals;
using rpc::testing::blessed_by;
using rpc::testing::stranger;
using v23::naming::GlobReply;
namespace wire = v23::services::mounttable;

Runtime runtime_of(std::shared_ptr<const Principal> principal, const LocalNetwork& network) {
  return Runtime::make(RuntimeOptions().threads(1).principal(std::move(principal)).local_network(network)).value();
}

// alice's table, and bob, whom she has blessed. He asks the table itself: clients would look for what its names stand
// for.
struct Scene {
  explicit Scene(const MountTableOptions& options = MountTableOptions())
      : server(
            table_runtime
                .serve(make_mount_table(options).value(), ServerOptions().listen("local", "table").serves_mount_table())
                .value()) {}

  wire::MountTableClient node(const std::string& name) const {
    return {bobs_runtime, server.name(name), CallOptions().no_resolve()};
  }
  Context context() const { return bobs_runtime.context().with_timeout(20s); }
  std::multiset<std::string> glob(const std::string& name, const std::string& pattern) const {
    auto call = Client(bobs_runtime)
                    .object(server.name(name))
                    .stream<void, GlobReply, void>(context(), CallOptions().no_resolve(), "__Glob", pattern);
    std::multiset<std::string> found;
    for (const GlobReply& reply : call.items()) {
      reply.visit([&](const GlobReply::Entry& each) { found.insert(each.value.Name); },
                  [&](const GlobReply::Error& each) { found.insert("failed: " + each.value.Name); });
    }
    if (auto ended = call.finish().get(); !ended) found.insert(std::string(ended.error().id()));
    return found;
  }

  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = stranger("alice");
  Runtime table_runtime = runtime_of(alice, network);
  Runtime bobs_runtime = runtime_of(blessed_by(alice, "bob"), network);
  Server server;
};

using Names = std::multiset<std::string>;

}  // namespace

TEST_CASE("clients mount, resolve, list, unmount and delete by calls on names below the table") {
  const Scene s;
  CHECK(s.server.name().find("@m@") != std::string::npos);
  REQUIRE(s.node("shop/cart").Mount(s.context(), "/h:1", 60, v23::naming::Leaf).get());
  REQUIRE(s.node("shop/till").Mount(s.context(), "/h:2", 60, {}).get());
  const auto entry = s.node("shop/cart/x").ResolveStep(s.context()).get().value();
  CHECK(entry.Name == "x");
  CHECK(entry.IsLeaf);
  CHECK(entry.Servers.front().Server == "/h:1");
  CHECK(s.glob("", "...") == Names{"", "shop", "shop/cart", "shop/till"});
  CHECK(s.glob("shop", "c*") == Names{"cart"});
  CHECK(s.glob("", "[") == Names{"v.io/v23/verror.BadArg"});
  CHECK(s.glob("", "__debug/*") == Names{"v.io/v23/rpc/reserved.GlobNotImplemented"});
  REQUIRE(s.node("shop/cart").Unmount(s.context(), "").get());
  // The id that Go's programs compare with.
  CHECK(s.node("shop/cart").ResolveStep(s.context()).get().error().is("nameDoesntExist"));
  REQUIRE(s.node("shop").Delete(s.context(), true).get());
  CHECK(s.glob("", "...") == Names{""});
}

TEST_CASE("a table with permissions asks for the names of whoever calls, also strangers") {
  Permissions root;
  root["Admin"].In.emplace_back("alice:bob");
  const Scene s(MountTableOptions().permissions({{"", root}}));
  REQUIRE(s.node("a").Mount(s.context(), "/h:1", 60, {}).get());
  const auto had = s.node("a").GetPermissions(s.context()).get().value();
  CHECK(had.perms.at("Admin").In == std::vector<BlessingPattern>{BlessingPattern("alice:bob")});
  auto wanted = had.perms;
  wanted["Resolve"].In.emplace_back("carol");
  REQUIRE(s.node("a").SetPermissions(s.context(), wanted, had.version).get());
  CHECK(verror::BadVersion.matches(s.node("a").SetPermissions(s.context(), wanted, had.version).get().error()));

  const auto carol = stranger("carol");
  carol->add_to_roots(s.alice->store().default_blessings()).value();
  auto carols_runtime = runtime_of(carol, s.network);
  const wire::MountTableClient hers(carols_runtime, s.server.name("a"), CallOptions().no_resolve());
  const auto context = carols_runtime.context().with_timeout(20s);
  // The table does not know carol's root, so her name does not count.
  CHECK(verror::NoAccess.matches(hers.ResolveStep(context).get().error()));
  s.alice->add_to_roots(carol->store().default_blessings()).value();
  const auto refused = hers.ResolveStep(context).get();
  CHECK(verror::NoAccess.matches(refused.error()));  // the root of the table is closed to her
}

TEST_CASE("a table in front of a store that fails says so, and has not done it") {
  class Broken final : public MountTableStore {
   public:
    Result<StoredTable> load() override { return StoredTable(); }
    Result<void> update(const MountTableChange&) override { return verror::Internal("the disk is full"); }
  };
  const Scene s(MountTableOptions().store(std::make_shared<Broken>()));
  CHECK(verror::Internal.matches(s.node("a").Mount(s.context(), "/h:1", 60, {}).get().error()));
  CHECK(s.glob("", "...") == Names{""});
}

}  // namespace nb

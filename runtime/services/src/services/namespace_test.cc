// The namespace over real mount tables: what clients, servers and searches make of the names in them.
#include <nb/rpc/namespace.h>

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

#include <nb/base/verror.h>
#include <nb/services/mount_table.h>

#include "naming/endpoint.h"
#include "rpc/testing/calc_service.h"

namespace nb {
namespace {

using namespace std::chrono_literals;
using rpc::testing::blessed_by;
using rpc::testing::Calc;
using rpc::testing::eventually;
using rpc::testing::stranger;
using v23::naming::Leaf;
using v23::naming::MT;

using Names = std::multiset<std::string>;

// alice's tables and servers, and a client of hers whose names begin at the first table.
struct Scene {
  Scene() { table = serve_table("table"); }

  Runtime runtime_of(std::shared_ptr<const Principal> principal, std::vector<std::string> roots = {}) const {
    return Runtime::make(RuntimeOptions()
                             .threads(1)
                             .principal(std::move(principal))
                             .local_network(network)
                             .grace(200ms)
                             .namespace_roots(std::move(roots)))
        .value();
  }
  Server serve_table(const std::string& address, const MountTableOptions& options = MountTableOptions()) {
    return server_runtime
        .serve(make_mount_table(options).value(), ServerOptions().listen("local", address).serves_mount_table())
        .value();
  }
  Server serve_calc(const std::string& address) {
    return server_runtime.serve(service, ServerOptions().listen("local", address).grace(200ms)).value();
  }
  Runtime& client() {
    if (!client_runtime) client_runtime.emplace(runtime_of(blessed_by(alice, "client"), {table.name()}));
    return *client_runtime;
  }
  Namespace names() { return Namespace(client()); }
  Context context() { return client().context().with_timeout(20s); }
  Names glob(const std::string& pattern) {
    Names found;
    auto search = names().glob(context(), pattern);
    auto items = search.items();
    for (const GlobReply& reply : items) {
      reply.visit([&](const GlobReply::Entry& each) { found.insert(each.value.Name); },
                  [&](const GlobReply::Error& each) { found.insert("! " + each.value.Name); });
    }
    if (items.error()) found.insert(std::string(items.error().id()));
    return found;
  }
  Result<std::int32_t> add(const std::string& name, CallOptions options = CallOptions()) {
    return calc::CalcClient(client(), name, options).Add(context(), 1, 2).get();
  }

  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = stranger("alice");
  std::shared_ptr<Calc> service = std::make_shared<Calc>();
  Runtime server_runtime = runtime_of(alice);
  Server table;
  std::optional<Runtime> client_runtime;
};

}  // namespace

TEST_CASE("a name in a mount table can be called, through several tables, rooted or not") {
  Scene s;
  auto second = s.serve_table("second");
  auto calc = s.serve_calc("calc");
  REQUIRE(s.names().mount(s.context(), "tables/second", second.name(), 1min, MT).get());
  REQUIRE(s.names().mount(s.context(), "tables/second/shop/calc", calc.name(), 1min, Leaf).get());
  CHECK(s.add("tables/second/shop/calc").value() == 3);
  CHECK(s.add(s.table.name("tables/second/shop/calc")).value() == 3);
  CHECK(s.add(second.name("shop/calc")).value() == 3);

  const auto entry = s.names().resolve(s.context(), "tables/second/shop/calc").get().value();
  CHECK(entry.Name.empty());
  CHECK(entry.Servers.front().Server == calc.name());
  CHECK_FALSE(entry.ServesMountTable);
  const auto at = s.names().resolve_to_mount_table(s.context(), "tables/second/shop/calc").get().value();
  CHECK(at.Name == "shop/calc");
  CHECK(at.Servers.front().Server == second.name());
  const auto of_table = s.names().resolve_to_mount_table(s.context(), "tables/second").get().value();
  CHECK(of_table.Name == "tables/second");
  const auto shallow = s.names().shallow_resolve(s.context(), "tables/second").get().value();
  CHECK(shallow.Servers.front().Server == second.name());
  CHECK(shallow.ServesMountTable);
}

TEST_CASE("a name that is nowhere, or that nobody could know, fails so that one can see why") {
  Scene s;
  CHECK(s.names().resolve(s.context(), "nowhere").get().error().is("v.io/v23/naming.nameDoesntExist"));
  CHECK(s.names().resolve(s.context(), "").get().error().is("v.io/v23/naming.nameDoesntExist"));
  const Error missing = s.add("nowhere", CallOptions().no_retry()).error();
  CHECK_MESSAGE(verror::NoServers.matches(missing), missing.message());
  const Error mistaken = s.names().resolve(s.context(), "127.0.0.1:80/x").get().error();
  CHECK(mistaken.message().find("[Did you mean: /127.0.0.1:80/x]") != std::string_view::npos);

  auto rootless = s.runtime_of(blessed_by(s.alice, "other"));
  const auto context = rootless.context().with_timeout(20s);
  CHECK(Namespace(rootless).resolve(context, "a").get().error().is("v.io/v23/naming.nameDoesntExist"));
  CHECK(Namespace(rootless).resolve_to_mount_table(context, "a").get().error().is("v.io/v23/naming.noMounttable"));
  CHECK(verror::BadArg.matches(Namespace(rootless).set_roots({"relative"}).error()));
  REQUIRE(Namespace(rootless).set_roots({s.table.name()}));
  CHECK(Namespace(rootless).roots() == std::vector{s.table.name()});
  // Another root for one client.
  const Namespace elsewhere(rootless, CallOptions().namespace_roots({}));
  CHECK(elsewhere.resolve(context, "a").get().error().is("v.io/v23/naming.nameDoesntExist"));
}

TEST_CASE("tables that lead in a circle end a resolution and a search") {
  Scene s;
  REQUIRE(s.names().mount(s.context(), "circle", s.table.name(), 1min, MT).get());
  std::string name = "circle";
  for (int i = 0; i < 40; ++i) name += "/circle";
  CHECK(s.names().resolve(s.context(), name).get().error().is("v.io/v23/naming.resolutionDepthExceeded"));
  const auto found = s.glob("...");
  CHECK(found.contains("circle"));
  CHECK(found.size() < 20);
}

TEST_CASE("a search goes through all tables that match, and tells what it could not look at") {
  Scene s;
  auto second = s.serve_table("second");
  auto calc = s.serve_calc("calc");
  REQUIRE(s.names().mount(s.context(), "a/second", second.name(), 1min, MT).get());
  REQUIRE(s.names().mount(s.context(), "a/second/x/calc", calc.name(), 1min).get());
  REQUIRE(s.names().mount(s.context(), "a/calc", calc.name(), 1min).get());
  CHECK(s.glob("*") == Names{"a"});
  CHECK(s.glob("a/*") == Names{"a/calc", "a/second"});
  CHECK(s.glob("a/second/*/*") == Names{"a/second/x/calc"});
  CHECK(s.glob("a/*/x/...").contains("a/second/x/calc"));
  CHECK(s.glob("...").contains("a/second/x/calc"));
  CHECK(s.glob("***").contains("a/second/x/calc"));
  CHECK(s.glob("nothing/*").empty());
  CHECK(s.glob("[") == Names{"v.io/v23/verror.BadArg"});
  const std::string rooted = s.table.name();
  CHECK(s.glob(rooted + "/a/c*") == Names{rooted + "/a/calc"});
  // A table that nobody answers for.
  naming::Endpoint gone;
  gone.protocol = "local";
  gone.address = "gone";
  gone.blessing_names = {"alice"};
  gone.serves_mount_table = true;
  REQUIRE(s.names().mount(s.context(), "b", "/" + naming::to_string(gone), 1min, MT).get());
  const Namespace once(s.client(), CallOptions().no_retry());
  auto search = once.glob(s.context(), "b/*");
  Names failed;
  for (const GlobReply& reply : search.items()) {
    if (const auto* error = reply.get_if<GlobReply::Error>()) failed.insert(error->value.Name);
  }
  CHECK(failed == Names{"b"});
}

TEST_CASE("a search can be given up, and ends when its context does") {
  Scene s;
  REQUIRE(s.names().mount(s.context(), "a", "/h:1", 1min).get());
  { auto search = s.names().glob(s.context(), "..."); }
  auto [ended, canceler] = s.context().with_cancel();
  canceler.cancel();
  auto search = s.names().glob(ended, "...");
  while (search.recv().get()) {
  }
  CHECK(search.recv().get().error());
}

TEST_CASE("names are unmounted and deleted, and their permissions looked at and set, through the namespace") {
  Scene s;
  REQUIRE(s.names().mount(s.context(), "a/b", "/h:1", 1min).get());
  REQUIRE(s.names().mount(s.context(), "a/b", "/h:2", 1min).get());
  REQUIRE(s.names().unmount(s.context(), "a/b", "/h:1").get());
  CHECK(s.names().resolve(s.context(), "a/b").get().value().Servers.size() == 1);
  Permissions permissions;
  permissions["Read"].In.emplace_back("...");
  REQUIRE(s.names().set_permissions(s.context(), "a", permissions, "").get());
  const auto now = s.names().get_permissions(s.context(), "a").get().value();
  CHECK(now.version == "1");
  CHECK(now.permissions.contains("Admin"));
  CHECK(verror::BadVersion.matches(s.names().set_permissions(s.context(), "a", permissions, "7").get().error()));
  REQUIRE(s.names().remove(s.context(), "a", true).get());
  CHECK(s.names().resolve(s.context(), "a/b").get().error().is("v.io/v23/naming.nameDoesntExist"));
}

TEST_CASE("what tables answered is remembered, until a call finds nobody there") {
  Scene s;
  auto calc = s.serve_calc("calc");
  REQUIRE(s.names().mount(s.context(), "calc", calc.name(), 1min).get());
  CHECK(s.add("calc").value() == 3);
  // Behind the client's back another server takes its place.
  auto other = s.serve_calc("other");
  auto others_runtime = s.runtime_of(blessed_by(s.alice, "operator"), {s.table.name()});
  REQUIRE(Namespace(others_runtime)
              .mount(others_runtime.context().with_timeout(20s), "calc", other.name(), 1min, v23::naming::Replace)
              .get());
  CHECK(s.names().resolve(s.context(), "calc").get().value().Servers.front().Server == calc.name());
  calc.stop();
  const int before = s.service->calls;
  CHECK(s.add("calc").value() == 3);
  CHECK(s.service->calls == before + 1);
  CHECK(s.names().resolve(s.context(), "calc").get().value().Servers.front().Server == other.name());
  CHECK(s.names().flush("calc"));
  CHECK_FALSE(s.names().flush("calc"));
}

TEST_CASE("a mount table has to be the one that its endpoint promises, unless the caller says whom to believe") {
  Scene s;
  auto calc = s.serve_calc("calc");
  REQUIRE(s.names().mount(s.context(), "calc", calc.name(), 1min).get());
  auto endpoint = naming::parse_endpoint(s.table.name().substr(1)).value();
  endpoint.blessing_names = {"mallory"};
  const std::string root = "/" + naming::to_string(endpoint);
  const Error refused = s.add(root + "/calc", CallOptions().no_retry()).error();
  CHECK_MESSAGE(verror::NoServers.matches(refused), refused.message());
  CHECK(refused.message().find("trust") != std::string_view::npos);
  CHECK(s.add(root + "/calc", CallOptions().name_resolution_authorizer(allow_everyone())).value() == 3);
}

TEST_CASE("of the servers under a name one that answers is called, and each request is sent once") {
  Scene s;
  auto calc = s.serve_calc("calc");
  naming::Endpoint gone;
  gone.protocol = "local";
  gone.address = "gone";
  gone.blessing_names = {"alice"};
  REQUIRE(s.names().mount(s.context(), "calc", calc.name(), 1min).get());
  REQUIRE(s.names().mount(s.context(), "calc", "/" + naming::to_string(gone), 1min).get());
  CHECK(s.add("calc", CallOptions().no_retry()).value() == 3);
  CHECK(s.service->calls == 1);
  // Both gone: an error for each of them.
  calc.stop();
  const Error nobody = s.add("calc", CallOptions().no_retry()).error();
  CHECK_MESSAGE(verror::NoServers.matches(nobody), nobody.message());
  CHECK(nobody.sub_errors().size() == 2);
}

TEST_CASE("a server is published under its names, until it is told otherwise or stops") {
  Scene s;
  auto publisher = s.runtime_of(s.alice, {s.table.name()});
  auto calc =
      publisher.serve(s.service, ServerOptions().listen("local", "calc").name("shop/calc").name(s.table.name("b")))
          .value();
  const auto is_there = [&](const std::string& name) {
    const auto entry = s.names().shallow_resolve(s.context(), name).get();
    return entry && entry->Servers.size() == 1 && entry->Servers.front().Server == calc.name();
  };
  REQUIRE(eventually([&] { return is_there("shop/calc") && is_there("b"); }));
  CHECK(s.add("shop/calc").value() == 3);
  REQUIRE(calc.add_name("c"));
  CHECK(verror::BadArg.matches(calc.add_name("").error()));
  REQUIRE(eventually([&] { return is_there("c"); }));
  calc.remove_name(s.table.name("b"));
  REQUIRE(eventually([&] { return !is_there("b"); }));
  REQUIRE(eventually([&] { return calc.status().published.size() == 2; }));
  const auto status = calc.status();
  CHECK(status.state == ServerState::kReady);
  for (const PublishedName& each : status.published) {
    CHECK(each.server == calc.name());
    CHECK(each.last_state == PublishState::kMounted);
    CHECK_FALSE(each.last_mount_error);
    CHECK(each.ttl == 80s);
  }
  calc.stop();
  CHECK(calc.status().state == ServerState::kStopped);
  CHECK_FALSE(is_there("shop/calc"));
  CHECK_FALSE(is_there("c"));
}

TEST_CASE("a mount table published in another one is found as such") {
  Scene s;
  auto publisher = s.runtime_of(s.alice, {s.table.name()});
  auto below = publisher
                   .serve(make_mount_table(MountTableOptions()).value(),
                          ServerOptions().listen("local", "below").serves_mount_table().name("below"))
                   .value();
  auto calc = publisher.serve(s.service, ServerOptions().listen("local", "calc")).value();
  REQUIRE(eventually([&] {
    const auto entry = s.names().shallow_resolve(s.context(), "below").get();
    return entry && entry->ServesMountTable;
  }));
  REQUIRE(s.names().mount(s.context(), "below/calc", calc.name(), 1min).get());
  CHECK(s.add("below/calc").value() == 3);
}

TEST_CASE("a server whose names cannot be published serves all the same, and tells why") {
  Scene s;
  auto alone = s.runtime_of(s.alice, {});
  auto calc = alone.serve(s.service, ServerOptions().listen("local", "calc").name("nowhere").grace(200ms)).value();
  CHECK(s.add(calc.name()).value() == 3);
  CHECK(eventually([&] {
    const auto published = calc.status().published;
    return published.size() == 1 && published.front().last_mount_error.is("v.io/v23/naming.noMounttable");
  }));
  CHECK_FALSE(alone.serve(s.service, ServerOptions().listen("local", "x").name("")));
}

}  // namespace nb

// The runtime that acts as nobody, on a network inside this process: the rows of docs/spec/rpc.md 15 about calls
// without a principal.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>

#include <nb/base/verror.h>
#include <nb/security/blessing_roots.h>

#include "naming/endpoint.h"
#include "rpc/errors_2015.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::stranger;
using testing::Town;
using testing::Vault;

// A store that counts how often it is asked for anything.
class CountingStore final : public BlessingStore {
 public:
  explicit CountingStore(std::shared_ptr<BlessingStore> inner) : inner_(std::move(inner)) {}
  const PublicKey& public_key() const override { return inner_->public_key(); }
  Result<Blessings> set(const Blessings& blessings, const BlessingPattern& pattern) override {
    return ++asked, inner_->set(blessings, pattern);
  }
  Blessings for_peer(const std::vector<std::string>& names) const override { return ++asked, inner_->for_peer(names); }
  Result<void> set_default(const Blessings& blessings) override { return ++asked, inner_->set_default(blessings); }
  Blessings default_blessings() const override { return ++asked, inner_->default_blessings(); }
  std::shared_ptr<void> on_default_changed(std::function<void(const Blessings&)> callback) override {
    return ++asked, inner_->on_default_changed(std::move(callback));
  }
  std::map<BlessingPattern, Blessings> peer_blessings() const override { return ++asked, inner_->peer_blessings(); }
  void cache_discharge(const Discharge& discharge, const Caveat& caveat, const v23::security::DischargeImpetus& impetus,
                       Time now) override {
    ++asked;
    inner_->cache_discharge(discharge, caveat, impetus, now);
  }
  std::optional<CachedDischarge> discharge(const Caveat& caveat, const v23::security::DischargeImpetus& impetus,
                                           Time now) override {
    return ++asked, inner_->discharge(caveat, impetus, now);
  }
  void clear_discharges(const Discharges& discharges) override {
    ++asked;
    inner_->clear_discharges(discharges);
  }
  std::string to_string() const override { return inner_->to_string(); }

  mutable std::atomic<int> asked = 0;

 private:
  const std::shared_ptr<BlessingStore> inner_;
};

// A vault that acts as nobody, and a client likewise.
struct Nobodies : Town {
  RuntimeOptions options() const {
    return RuntimeOptions().threads(1).log(journal).local_network(network).grace(200ms);
  }
  Context context() const { return client.context().with_timeout(20s); }
  vault::VaultClient of(const Runtime& runtime, CallOptions call_options = CallOptions()) const {
    return vault::VaultClient(runtime, server.name(), std::move(call_options));
  }

  std::shared_ptr<Vault> vault = std::make_shared<Vault>();
  Runtime server_runtime = Runtime::make(options().unauthenticated()).value();
  Runtime client = Runtime::make(options().unauthenticated()).value();
  Server server = server_runtime.serve(vault, at("vault")).value();
};

}  // namespace

TEST_CASE("[0-51] a client that acts as nobody takes whoever answers, and asks no authorizer") {
  const Nobodies w;
  const auto asked = std::make_shared<std::atomic<int>>(0);
  const auto strict = authorizer([asked](const Context&, const SecurityCall&) -> Result<void> {
    ++*asked;
    return verror::NoAccess("nobody will do");
  });
  CHECK(w.of(w.client).Put(w.context(), "lead").get());
  const auto got = w.of(w.client, CallOptions().server_authorizer(strict)).Get(w.context()).get();
  REQUIRE_MESSAGE(got, got.error().message());
  CHECK(*got == "lead");
  CHECK(*asked == 0);
}

TEST_CASE("[0-86] a client that acts as nobody shows nothing, grants nothing, and fetches nothing") {
  const Nobodies w;
  const auto asked = std::make_shared<std::atomic<int>>(0);
  const Granter granter = [asked](const Context&, const SecurityCall&) -> Result<Blessings> {
    ++*asked;
    return verror::BadState("asked");
  };
  const auto options = CallOptions().granter(granter).policy(ClientPolicy::of_2015());
  CHECK(w.of(w.client).Names(w.context(), options).get()->empty());
  CHECK(w.of(w.client).Given(w.context(), options).get()->empty());
  CHECK(*asked == 0);
}

TEST_CASE("[0-63] the principal is looked up by calls that act as somebody, and by no others") {
  const Nobodies w;
  const auto key = PrivateKey::make().value();
  const auto store = std::make_shared<CountingStore>(memory_store(key.public_key()));
  const auto bob = Principal::make(key, store, memory_roots()).value();
  bob->set_default_blessings(bob->bless_self("bob").value()).value();
  store->asked = 0;
  {
    const auto client = Runtime::make(w.options().principal(bob).unauthenticated()).value();
    CHECK(w.of(client).Get(client.context()).get());
    CHECK(client.principal() != bob);
  }
  CHECK(store->asked == 0);
  // Who acts as somebody looks, and refuses the server that is nobody.
  const auto client = Runtime::make(w.options().principal(bob)).value();
  const auto everybody = CallOptions().server_authorizer(allow_everyone());
  CHECK(verror::NotTrusted.matches(w.of(client).Get(client.context()).get().error()));
  CHECK(w.of(client, everybody).Get(client.context()).get());
  CHECK(store->asked > 0);
}

TEST_CASE("[0-62] without a principal nobody outside of this process is called, and that is not tried again") {
  const Nobodies w;
  const auto refused = vault::VaultClient(w.client, "/@6@tcp@127.0.0.1:1@@@s@alice@@").Get(w.context()).get();
  CHECK_MESSAGE(kNoPrincipal.matches(refused.error()), refused.error().message());
  CHECK(refused.error().action() == NoRetry);
  // Mount tables are not asked either.
  for (const char* name : {"/(alice)@127.0.0.1:1", "/127.0.0.1:1"}) {
    const auto unresolved = vault::VaultClient(w.client, name).Get(w.context()).get();
    CHECK_MESSAGE(verror::NoServers.matches(unresolved.error()), unresolved.error().message());
    CHECK(unresolved.error().action() == NoRetry);
    REQUIRE(unresolved.error().sub_errors().size() == 1);
    CHECK(kNoPrincipal.matches(unresolved.error().sub_errors()[0].error));
  }
  v23::naming::MountEntry entry;
  entry.Servers.emplace_back("/(alice)@127.0.0.1:1", Deadline::after(60s));
  const auto resolved =
      vault::VaultClient(w.client, "x").Get(w.context(), CallOptions().preresolved(std::move(entry))).get();
  CHECK(kNoPrincipal.matches(resolved.error()));
  CHECK_FALSE(w.server_runtime.serve(w.vault, ServerOptions().listen("tcp", "127.0.0.1:0")));
}

TEST_CASE("whoever acts as nobody uses no proxy, which might lead out of the network") {
  const Nobodies w;
  const auto behind = w.server_runtime.serve(w.vault, ServerOptions().proxy(w.server.name()));
  REQUIRE_FALSE(behind);
  CHECK(verror::BadArg.matches(behind.error()));
  auto endpoint = naming::parse_endpoint(w.server.name().substr(1)).value();
  endpoint.routes = {"proxy"};
  const auto routed = vault::VaultClient(w.client, "/" + naming::to_string(endpoint)).Get(w.context()).get();
  CHECK_MESSAGE(kNoPrincipal.matches(routed.error()), routed.error().message());
}

TEST_CASE("a server that acts as nobody lets in whoever calls, and whoever acts as somebody refuses nobodies") {
  const Nobodies w;
  auto phone = w.runtime(blessed_by(w.alice, "phone"));
  const auto everybody = CallOptions().server_authorizer(allow_everyone());
  CHECK(w.of(phone, everybody).Get(phone.context()).get());
  auto alices = w.runtime(w.alice);
  auto closed = alices.serve(w.vault, w.at("closed")).value();
  const int before = w.vault->calls;
  const auto refused = vault::VaultClient(w.client, closed.name()).Get(w.context()).get();
  CHECK(verror::NoAccess.matches(refused.error()));
  CHECK(w.vault->calls == before);
}

}  // namespace nb::rpc

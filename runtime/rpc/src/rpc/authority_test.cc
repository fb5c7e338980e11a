// Who may call what, over real connections in memory: docs/spec/rpc.md 6.4 and the attacks of docs/spec/security.md 15.
#include <doctest/doctest.h>

#include <chrono>

#include <nb/base/verror.h>
#include <nb/security/access.h>

#include "naming/endpoint.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::stranger;
using testing::Town;
using testing::Vault;
using testing::VaultWorld;
using Names = std::vector<std::string>;

Time at(const Clock& clock, std::chrono::nanoseconds later) {
  return Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(clock.wall_now() + later));
}

// Knows alice, and has no name.
std::shared_ptr<const Principal> nobody(const Town& town) {
  auto principal = Principal::make().value();
  principal->add_to_roots(town.alice->store().default_blessings()).value();
  return principal;
}

bool contains(const Error& error, std::string_view part) {
  return error.message().find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a method sees the names of its caller that count") {
  VaultWorld w;
  const auto client = w.client_of(blessed_by(w.alice, "phone"));
  const auto names = client.Names(w.context()).get();
  REQUIRE_MESSAGE(names, names.error().message());
  CHECK(*names == Names{"alice:phone"});
}

TEST_CASE("without an authorizer, those of the same tree of names may call, and nobody else") {
  VaultWorld w;
  CHECK(w.client_of(blessed_by(w.alice, "phone")).Get(w.context()).get());
  CHECK(w.client_of(w.alice).Get(w.context()).get());
  const auto bob = stranger("bob");
  bob->add_to_roots(w.alice->store().default_blessings()).value();
  const auto refused = w.client_of(bob).Get(w.context()).get();
  CHECK(verror::NoAccess.matches(refused.error()));
  CHECK(contains(refused.error(), "access denied: not authorized to call .Get: "));
  w.alice->add_to_roots(bob->store().default_blessings()).value();  // recognized, and still another tree
  CHECK(verror::NoAccess.matches(w.client_of(bob).Get(w.context()).get().error()));
  CHECK(w.vault->calls == 2);
}

TEST_CASE("rpc.md 6.2: unknown methods and bad arguments are told before authorization") {
  VaultWorld w(ServerOptions().authorizer(patterns_authorizer({BlessingPattern("bob")})));
  w.client_of(nobody(w));
  const Client client(*w.clients.back());
  const auto call = [&](const char* method, auto... args) {
    return client.call(w.context(), w.server.name(), method, args...).get().error();
  };
  CHECK(verror::UnknownMethod.matches(call("Steal")));
  CHECK(verror::BadProtocol.matches(call("Put")));
  CHECK(verror::BadProtocol.matches(call("Put", std::int32_t{7})));
  CHECK(verror::NoAccess.matches(call("Put", std::string("lead"))));
  CHECK(w.vault->calls == 0);
}

TEST_CASE("the authorizer that a dispatcher gives counts before the server's") {
  class TwoRooms final : public Dispatcher {
   public:
    Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
      return Dispatched(vault_, suffix == "open" ? allow_everyone() : nullptr);
    }

   private:
    const std::shared_ptr<Vault> vault_ = std::make_shared<Vault>();  // shared with calls
  };
  Town town;
  auto runtime = town.runtime(town.alice);
  auto server = runtime
                    .serve(std::make_shared<TwoRooms>(),
                           town.at("rooms").authorizer(patterns_authorizer({BlessingPattern("alice:$")})))
                    .value();
  auto client = town.runtime(nobody(town));
  CHECK(vault::VaultClient(client, server.name("open")).Get(client.context()).get());
  CHECK(verror::NoAccess.matches(vault::VaultClient(client, server.name("shut")).Get(client.context()).get().error()));
}

TEST_CASE("an authorizer that throws refuses its call and harms no other") {
  VaultWorld w(ServerOptions().authorizer(authorizer([](const Context&, const SecurityCall& call) -> Result<void> {
    if (call.method == "Put") throw std::runtime_error("broken rule");
    return {};
  })));
  const auto client = w.client_of(nobody(w));
  CHECK(verror::NoAccess.matches(client.Put(w.context(), "lead").get().error()));
  CHECK(client.Get(w.context()).get());
}

TEST_CASE("[A-17] whoever has no name is refused but where everybody, or his key, is let in") {
  const std::vector<std::shared_ptr<const Authorizer>> closed = {
      nullptr, patterns_authorizer({BlessingPattern("alice")}),
      access_list_authorizer(AccessList({BlessingPattern("alice")}, {}))};
  for (const auto& rule : closed) {
    VaultWorld w(ServerOptions().authorizer(rule));
    CHECK(verror::NoAccess.matches(w.client_of(nobody(w)).Get(w.context()).get().error()));
    CHECK(w.vault->calls == 0);
  }
  VaultWorld open(ServerOptions().authorizer(allow_everyone()));
  CHECK(open.client_of(nobody(open)).Get(open.context()).get());
  const auto owner = Principal::make().value();
  VaultWorld keyed(ServerOptions().authorizer(public_key_authorizer(owner->public_key())));
  owner->add_to_roots(keyed.alice->store().default_blessings()).value();
  CHECK(keyed.client_of(owner).Get(keyed.context()).get());
  CHECK(verror::NoAccess.matches(keyed.client_of(nobody(keyed)).Get(keyed.context()).get().error()));
}

TEST_CASE("[A-21] a name that expires while its connection lives counts no more from then on") {
  const auto clock = std::make_shared<HandClock>();
  VaultWorld w(ServerOptions(), clock);
  const auto client = w.client_of(blessed_by(w.alice, "phone", {expiry_caveat(at(*clock, 5min))}));
  auto stream = client.Follow(w.context());  // keeps the connection
  CHECK(stream.send(1).get());
  CHECK(*stream.recv().get() == 1);
  CHECK(client.Get(w.context()).get());
  clock->advance(6min);
  CHECK(verror::NoAccess.matches(client.Get(w.context()).get().error()));
  CHECK(stream.send(2).get());  // the same connection; what was allowed when it began goes on
  CHECK(*stream.recv().get() == 2);
  CHECK(w.vault->calls == 2);
}

TEST_CASE("[A-25] a blessing for one method is good for no other, however it is spelled") {
  VaultWorld w;
  const auto client = w.client_of(blessed_by(w.alice, "phone", {method_caveat({"Get"})}));
  CHECK(client.Get(w.context()).get());
  CHECK(verror::NoAccess.matches(client.Put(w.context(), "lead").get().error()));
  const Client any(*w.clients.back());
  for (const char* method : {"__Get", "__Glob", "get", "GET", "", "Get "}) {
    CHECK_FALSE(any.call(w.context(), w.server.name(), method).get());
  }
  CHECK(w.vault->calls == 1);
}

TEST_CASE("[A-26] a blessing for one server is worth nothing at another") {
  VaultWorld w;  // alice's own
  auto tv_runtime = w.runtime(blessed_by(w.alice, "tv"));
  const auto tv_vault = std::make_shared<Vault>();
  const auto rule = patterns_authorizer({BlessingPattern("alice")});
  auto tv = tv_runtime.serve(tv_vault, w.at("tv").authorizer(rule)).value();
  const auto phone = blessed_by(w.alice, "phone", {peer_blessings_caveat({BlessingPattern("alice:tv")})});
  CHECK(verror::NoAccess.matches(w.client_of(phone).Get(w.context()).get().error()));
  CHECK(vault::VaultClient(*w.clients.back(), tv.name()).Get(w.context()).get());
  CHECK(w.vault->calls == 0);
}

TEST_CASE("[A-48] who is kept out under one name comes in under another") {
  VaultWorld w(
      ServerOptions().authorizer(access_list_authorizer(AccessList({BlessingPattern("alice")}, {"alice:banned"}))));
  const auto caller = Principal::make().value();
  const auto bless = [&](const char* name) {
    return w.alice->bless(caller->public_key(), w.alice->store().default_blessings(), name, unconstrained_use())
        .value();
  };
  caller->set_default_blessings(bless("banned")).value();
  CHECK(verror::NoAccess.matches(w.client_of(caller).Get(w.context()).get().error()));
  caller->set_default_blessings(union_of({bless("banned"), bless("other")}).value()).value();
  CHECK(w.client_of(caller).Get(w.context()).get());
}

TEST_CASE("[A-49] permissions go by the one tag of their type") {
  Permissions permissions;
  add(permissions, BlessingPattern("alice"), {"Read", "Write"});
  VaultWorld w(ServerOptions().authorizer(permissions_authorizer(permissions)));
  const auto client = w.client_of(blessed_by(w.alice, "phone"));
  CHECK(client.Get(w.context()).get());
  CHECK(client.Put(w.context(), "lead").get());
  const int before = w.vault->calls;
  CHECK(contains(client.None(w.context()).get().error(), "tag"));
  CHECK(contains(client.Both(w.context()).get().error(), "tag"));
  CHECK(contains(client.Alike(w.context()).get().error(), "tag"));
  CHECK(w.vault->calls == before);
  Permissions only_read;
  add(only_read, BlessingPattern("alice"), {"Read"});
  VaultWorld reading(ServerOptions().authorizer(permissions_authorizer(only_read)));
  const auto reader = reading.client_of(blessed_by(reading.alice, "phone"));
  CHECK(reader.Get(reading.context()).get());
  CHECK(verror::NoAccess.matches(reader.Put(reading.context(), "lead").get().error()));
}

TEST_CASE("[A-56] a refusal tells strangers the reasons, or, where that is asked for, nothing") {
  VaultWorld w(ServerOptions().authorizer(patterns_authorizer({BlessingPattern("alice:secret")})));
  const auto told = w.client_of(blessed_by(w.alice, "phone")).Get(w.context()).get().error();
  CHECK(verror::NoAccess.matches(told));
  CHECK(contains(told, "alice:phone"));
  VaultWorld terse(ServerOptions().authorizer(patterns_authorizer({BlessingPattern("alice:secret")})).terse_refusals());
  const auto client = terse.client_of(blessed_by(terse.alice, "phone"));
  const auto untold = client.Get(terse.context()).get().error();
  CHECK(untold.message() == "access denied: not authorized to call .Get");
}

}  // namespace nb::rpc

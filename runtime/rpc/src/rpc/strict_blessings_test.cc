// Where today's client and its ancestors differ in what they show and give to servers: docs/spec/rpc.md 4.6 rule 7,
// 4.7, and the rows of 15.
#include <doctest/doctest.h>

#include <chrono>
#include <optional>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "rpc/errors.h"
#include "rpc/errors_2015.h"
#include "rpc/shown_to_server.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::stranger;
using testing::TestDischarger;
using testing::Town;
using testing::Vault;
using testing::VaultWorld;
using Names = std::vector<std::string>;

ClientPolicy strict_policy() {
  ClientPolicy policy;
  policy.strict_blessings = true;
  return policy;
}
ClientPolicy last_policy() {
  ClientPolicy policy;
  policy.last_granter_only = true;
  return policy;
}
CallOptions strict() { return CallOptions().policy(strict_policy()); }

// Two vaults that one name stands for: the first is alice:tv's, the second alice:hub's. Connections to both are there,
// so that the first one is tried first.
struct TwoVaults : Town {
  TwoVaults() {
    first = tv.serve(vaults[0], at("tv").authorizer(allow_everyone())).value();
    second = hub.serve(vaults[1], at("hub").authorizer(allow_everyone())).value();
  }
  CallOptions either() const {
    v23::naming::MountEntry entry;
    for (const Server* server : {&first, &second}) {
      entry.Servers.emplace_back(server->name(), Deadline::after(60s));
    }
    return CallOptions().preresolved(std::move(entry));
  }
  Context context() const { return client->context().with_timeout(20s); }
  vault::VaultClient client_of(std::shared_ptr<const Principal> principal) {
    client.emplace(runtime(std::move(principal)));
    for (const Server* server : {&first, &second}) {
      vault::VaultClient(*client, server->name()).Follow(context()).finish().get().value();
      vaults[0]->calls = vaults[1]->calls = 0;
    }
    return vault::VaultClient(*client, "vaults", either());
  }
  std::shared_ptr<Vault> vaults[2] = {std::make_shared<Vault>(), std::make_shared<Vault>()};
  Runtime tv = runtime(blessed_by(alice, "tv"));
  Runtime hub = runtime(blessed_by(alice, "hub"));
  Server first, second;
  std::optional<Runtime> client;
};

// The errors inside, at any depth.
bool holds(const Error& error, std::string_view id) {
  if (error.id() == id) return true;
  for (const SubError& sub : error.sub_errors()) {
    if (holds(sub.error, id)) return true;
  }
  return false;
}

Granter grants(const std::string& extension, std::shared_ptr<Names> asked = nullptr) {
  return [extension, asked](const Context&, const SecurityCall& call) {
    if (asked != nullptr) asked->push_back(extension);
    return call.local_principal->bless(call.remote_blessings.public_key(), call.local_blessings, extension,
                                       unconstrained_use());
  };
}

// An argument that cannot be told to a discharger, though it can be sent: the first time that it is encoded, it fails.
class Shy final : public Values {
 public:
  std::span<const ValueRef> refs() const override { return refs_; }

 private:
  struct Text {
    mutable bool has_failed = false;
    std::string text = "lead";
  };
  static constexpr ValueOps kOps{&Codec<std::string>::type,
                                 [](vom::Encoder& encoder, const void* value) -> Result<void> {
                                   const Text& text = *static_cast<const Text*>(value);
                                   if (!std::exchange(text.has_failed, true)) return verror::BadArg("shy");
                                   return encoder.encode(text.text);
                                 },
                                 nullptr};
  const Text text_;
  const std::array<ValueRef, 1> refs_{ValueRef{&kOps, &text_}};
};

}  // namespace

TEST_CASE("[1-25] a server that is not trusted is passed over, and hears nothing; the next one is called [0-53]") {
  TwoVaults w;
  const auto client = w.client_of(blessed_by(w.alice, "phone"));
  const auto only_hub = CallOptions().allowed_servers({BlessingPattern("alice:hub")});
  CHECK(client.Put(w.context(), "lead", only_hub).get());
  CHECK(w.vaults[0]->calls == 0);
  CHECK(w.vaults[1]->calls == 1);
  const auto refused = client.Put(w.context(), "lead", CallOptions().allowed_servers({BlessingPattern("bob")})).get();
  CHECK(verror::NotTrusted.matches(refused.error()));
  REQUIRE(refused.error().sub_errors().size() == 2);
  for (const SubError& sub : refused.error().sub_errors()) CHECK(kPeerAuthorizedFailed.matches(sub.error));
  CHECK(refused.error().message().find("alice:tv") != std::string_view::npos);
  CHECK(w.vaults[0]->calls + w.vaults[1]->calls == 1);
}

TEST_CASE("[0-87] a strict client does not call a server for which it has no blessings, and says so") {
  VaultWorld w(ServerOptions().authorizer(allow_everyone()));
  const auto caller = Principal::make().value();
  caller->add_to_roots(w.alice->store().default_blessings()).value();
  const auto client = w.client_of(caller);
  CHECK(client.Get(w.context()).get());
  const auto refused = client.Get(w.context(), strict()).get();
  CHECK(verror::NotTrusted.matches(refused.error()));
  CHECK(holds(refused.error(), kNoBlessingsForPeer.id));
  CHECK(refused.error().message().find("named [alice]") != std::string_view::npos);
  CHECK(w.vault->calls == 1);
}

TEST_CASE("a strict client takes the server for which it has blessings") {
  TwoVaults w;
  const auto caller = Principal::make().value();
  caller->add_to_roots(w.alice->store().default_blessings()).value();
  const auto mine =
      w.alice->bless(caller->public_key(), w.alice->store().default_blessings(), "x", unconstrained_use());
  caller->store().set(*mine, BlessingPattern("alice:hub")).value();
  const auto client = w.client_of(caller);
  const auto names = client.Names(w.context(), strict()).get();
  REQUIRE_MESSAGE(names, names.error().message());
  CHECK(*names == Names{"alice:x"});
  CHECK(w.vaults[0]->calls == 0);
  // Otherwise the first one does, and sees the key alone.
  CHECK(client.Names(w.context()).get()->empty());
  CHECK(w.vaults[0]->calls == 1);
}

TEST_CASE("[0-74] a granter that fails for one server ends the call, or, when strict, the next server is called") {
  TwoVaults w;
  const auto client = w.client_of(blessed_by(w.alice, "phone"));
  const Granter not_to_tv = [](const Context& context, const SecurityCall& call) -> Result<Blessings> {
    if (call.remote_endpoint_names == Names{"alice:tv"}) return verror::BadState("not to the television");
    return grants("butler")(context, call);
  };
  const auto ended = client.Given(w.context(), CallOptions().granter(not_to_tv)).get();
  CHECK(verror::NotTrusted.matches(ended.error()));
  CHECK(holds(ended.error(), kBlessingGrant.id));
  CHECK(w.vaults[0]->calls + w.vaults[1]->calls == 0);
  const auto given = client.Given(w.context(), CallOptions().granter(not_to_tv).policy(strict_policy())).get();
  REQUIRE_MESSAGE(given, given.error().message());
  CHECK(*given == Names{"alice:phone:butler"});
  CHECK(w.vaults[0]->calls == 0);
  CHECK(w.vaults[1]->calls == 1);
  // When it fails for all of them, the error names each once, in their order.
  const Granter to_nobody = [](const Context&, const SecurityCall&) -> Result<Blessings> {
    return verror::BadState("no");
  };
  const auto none = client.Given(w.context(), CallOptions().granter(to_nobody).policy(strict_policy())).get();
  CHECK(verror::NotTrusted.matches(none.error()));
  REQUIRE(none.error().sub_errors().size() == 2);
  CHECK(none.error().sub_errors()[0].name.find(w.first.name()) != std::string::npos);
  CHECK(none.error().sub_errors()[1].name.find(w.second.name()) != std::string::npos);
  CHECK(w.vaults[0]->calls == 0);
  CHECK(w.vaults[1]->calls == 1);
}

TEST_CASE("[1-34] of several granters all are asked in their order, or, by option, the last one alone") {
  VaultWorld w;
  const auto client = w.client_of(blessed_by(w.alice, "phone"));
  const auto asked = std::make_shared<Names>();
  const auto both = CallOptions().granter(grants("butler", asked)).granter(grants("cook", asked));
  CHECK(client.Given(w.context(), both).get()->size() == 2);
  CHECK(*asked == Names{"butler", "cook"});
  asked->clear();
  const auto last = client.Given(w.context(), CallOptions(both).policy(last_policy())).get();
  REQUIRE_MESSAGE(last, last.error().message());
  CHECK(*last == Names{"alice:phone:cook"});
  CHECK(*asked == Names{"cook"});
  // One of the call counts before those of its client.
  const vault::VaultClient with_both(*w.clients.back(), w.server.name(), CallOptions(both).policy(last_policy()));
  CHECK(*with_both.Given(w.context()).get() == Names{"alice:phone:cook"});
  CHECK(*with_both.Given(w.context(), CallOptions().granter(grants("maid"))).get() == Names{"alice:phone:maid"});
  CHECK(with_both.Given(w.context(), CallOptions().granter(grants("maid")).policy(ClientPolicy())).get()->size() == 3);
}

TEST_CASE("[0-35] an argument that cannot be told to a discharger is left out, or ends a strict call [0-88]") {
  VaultWorld w;
  const auto dave = stranger("dave");
  const auto discharger = std::make_shared<TestDischarger>(
      [dave](const Caveat& caveat) { return dave->mint_discharge(caveat, unconstrained_use()); });
  auto discharger_runtime = w.runtime(dave);
  auto discharger_server = discharger_runtime.serve(discharger, w.at("dave").authorizer(allow_everyone())).value();
  DischargeRequirements arguments;
  arguments.arguments = true;
  const auto caveat =
      third_party_caveat(dave->public_key(), discharger_server.name(), arguments, {unconstrained_use()}).value();
  const auto phone = blessed_by(w.alice, "phone", {caveat});
  phone->add_to_roots(dave->store().default_blessings()).value();
  const auto client = w.client_of(phone);
  const auto put = [&](const CallOptions& options) {
    auto result = make_pending<ResultState<void>>(w.clients.back()->executor());
    CallSpec spec(w.context(), options, w.server.name(), "Put", std::make_shared<Shy>());
    auto started = start_unary(w.clients.back()->core(), std::move(spec), result);
    return Call<void>(std::move(started), Pending<Result<void>>(std::move(result))).get();
  };
  const auto ended = put(strict());
  CHECK(verror::NotTrusted.matches(ended.error()));
  CHECK(holds(ended.error(), verror::BadProtocol.id));
  CHECK(holds(ended.error(), kDischargeImpetus.id));
  CHECK(discharger->impetuses().empty());
  CHECK(w.vault->calls == 0);

  const auto lenient = put(CallOptions());
  CHECK_MESSAGE(lenient, lenient.error().message());
  REQUIRE(discharger->impetuses().size() == 1);
  CHECK(discharger->impetuses().front().Arguments.empty());
  CHECK(*client.Get(w.context()).get() == "lead");
}

TEST_CASE("[1-26] discharges are fetched once the server is trusted, and before anything is sent") {
  const auto events = std::make_shared<Names>();
  const auto mutex = std::make_shared<std::mutex>();
  const auto note = [events, mutex](const char* what) {
    const std::lock_guard lock(*mutex);
    events->emplace_back(what);
  };
  VaultWorld w(ServerOptions().authorizer(authorizer([note](const Context&, const SecurityCall& call) {
    note("served");
    return call.remote_discharges.size() == 1 ? Result<void>() : Result<void>(verror::NoAccess("no discharge"));
  })));
  const auto dave = stranger("dave");
  auto discharger_runtime = w.runtime(dave);
  auto discharger_server = discharger_runtime
                               .serve(std::make_shared<TestDischarger>([dave, note](const Caveat& caveat) {
                                        note("fetched");
                                        return dave->mint_discharge(caveat, unconstrained_use());
                                      }),
                                      w.at("dave").authorizer(allow_everyone()))
                               .value();
  const auto caveat =
      third_party_caveat(dave->public_key(), discharger_server.name(), {}, {unconstrained_use()}).value();
  const auto phone = blessed_by(w.alice, "phone", {caveat});
  phone->add_to_roots(dave->store().default_blessings()).value();
  const auto trusting = authorizer([note](const Context&, const SecurityCall&) {
    note("trusted");
    return Result<void>();
  });
  CHECK(w.client_of(phone).Get(w.context(), CallOptions().server_authorizer(trusting)).get());
  CHECK(*events == Names{"trusted", "fetched", "served"});
  // Of one that is not trusted nothing is fetched.
  events->clear();
  const auto distrusting = authorizer([note](const Context&, const SecurityCall&) -> Result<void> {
    note("not trusted");
    return verror::NoAccess("no");
  });
  const auto refused = w.client_of(blessed_by(w.alice, "pad", {caveat}))
                           .Get(w.context(), CallOptions().server_authorizer(distrusting))
                           .get();
  CHECK(verror::NotTrusted.matches(refused.error()));
  CHECK(*events == Names{"not trusted"});
}

}  // namespace nb::rpc

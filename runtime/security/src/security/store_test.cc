#include <nb/security/blessing_store.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <nb/security/caveat.h>

#include "security/discharge_cache.h"
#include "security/hash.h"
#include "security/store_state.h"
#include "security/testing/principals.h"

namespace nb {
namespace {

using security::StoreState;
using security::testing::key_of;
using security::testing::principal_of;
using v23::security::DischargeImpetus;
using x::ref::lib::security::blessingStoreState;

const Time kNow(Time::kUnixEpoch + 1'000'000'000, 0);
Time later(std::int64_t seconds) { return Time(kNow.seconds() + seconds, 0); }

struct Scene {
  Blessings named(std::string_view name) const { return user->bless_self(name).value(); }
  Caveat caveat(DischargeRequirements requirements = {}) const {
    return third_party_caveat(discharger->public_key(), "d", requirements, {unconstrained_use()}).value();
  }
  Discharge mint(const Caveat& caveat, Caveat limit = unconstrained_use()) const {
    return discharger->mint_discharge(caveat, std::move(limit)).value();
  }

  std::shared_ptr<const Principal> user = principal_of(0x22), discharger = principal_of(0x33);
  BlessingStore& store = user->store();
};

TEST_CASE("blessings are shown to the peers that their patterns match") {
  const Scene scene;
  const auto everybody = scene.named("a"), family = scene.named("b"), tv = scene.named("c");
  CHECK(scene.store.for_peer({"x"}).is_zero());
  CHECK(scene.store.set(everybody, BlessingPattern("...")).value().is_zero());
  CHECK(scene.store.set(family, BlessingPattern("alice")));
  CHECK(scene.store.set(tv, BlessingPattern("alice:tv:$")));
  CHECK(scene.store.for_peer({}) == everybody);
  CHECK(scene.store.for_peer({"bob"}) == everybody);
  CHECK(scene.store.for_peer({"alice:tv:old"}).claimed_names() == std::vector<std::string>{"a", "b"});
  CHECK(scene.store.for_peer({"bob", "alice:tv"}).claimed_names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(scene.store.set(Blessings(), BlessingPattern("alice")).value() == family);
  CHECK(scene.store.peer_blessings().size() == 2);
}

TEST_CASE("a store takes only blessings of its own key, for patterns that are some") {
  const Scene scene;
  const auto foreign = scene.discharger->bless_self("d").value();
  CHECK(verror::BadArg.matches(scene.store.set(foreign, BlessingPattern("...")).error()));
  CHECK(verror::BadArg.matches(scene.store.set(scene.named("a"), BlessingPattern("a:")).error()));
  CHECK(verror::BadArg.matches(scene.store.set_default(foreign).error()));
  CHECK(scene.store.peer_blessings().empty());
  CHECK(scene.store.default_blessings().is_zero());
}

TEST_CASE("who watches hears of each change of the default blessings, and of nothing else") {
  const Scene scene;
  std::vector<std::string> heard;
  auto token = scene.store.on_default_changed([&](const Blessings& now) {
    heard.push_back(now.to_string());
    CHECK(scene.store.default_blessings() == now);  // may look at the store
  });
  CHECK(scene.store.set_default(scene.named("a")));
  CHECK(scene.store.set(scene.named("x"), BlessingPattern("...")));
  CHECK(scene.store.set_default(scene.named("b")));
  CHECK(scene.store.set_default(Blessings()));
  CHECK(heard == std::vector<std::string>{"a", "b", ""});
  token.reset();
  CHECK(scene.store.set_default(scene.named("c")));
  CHECK(heard.size() == 3);
}

TEST_CASE("who drops its token waits for a callback that runs, and is not called any more") {
  const Scene scene;
  std::atomic<bool> is_inside = false, has_left = false;
  auto token = scene.store.on_default_changed([&](const Blessings&) {
    is_inside = true;
    is_inside.notify_all();
    // The other thread is on its way into the drop, or will be: long enough for it to come out too early.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    has_left = true;
  });
  std::thread changes([&] { CHECK(scene.store.set_default(scene.named("a"))); });
  is_inside.wait(false);
  token.reset();
  CHECK(has_left);
  changes.join();
}

TEST_CASE("a callback may drop its own token, and make the next change, of which all hear in order") {
  const Scene scene;
  std::vector<std::string> first, second;
  std::shared_ptr<void> once;
  once = scene.store.on_default_changed([&](const Blessings&) { once.reset(); });
  const auto one = scene.store.on_default_changed([&](const Blessings& now) {
    first.push_back(now.to_string());
    if (first.size() == 1) CHECK(scene.store.set_default(scene.named("b")));
  });
  const auto other = scene.store.on_default_changed([&](const Blessings& now) { second.push_back(now.to_string()); });
  CHECK(scene.store.set_default(scene.named("a")));
  CHECK(first == std::vector<std::string>{"a", "b"});
  CHECK(second == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(once);
}

TEST_CASE("changes that many threads make are told of in their order, the last one last") {
  const Scene scene;
  std::vector<Blessings> heard;  // callbacks come one after the other
  const auto token = scene.store.on_default_changed([&](const Blessings& now) { heard.push_back(now); });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        CHECK(scene.store.set_default(scene.named(std::to_string(i) + "-" + std::to_string(j))));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(heard.size() == 80);
  CHECK(heard.back() == scene.store.default_blessings());
}

TEST_CASE("a fixed store shows one thing, keeps discharges, and is not changed") {
  const Scene scene;
  const auto blessings = scene.named("a");
  const auto store = fixed_store(blessings);
  CHECK(store->public_key() == scene.user->public_key());
  CHECK(store->for_peer({"x"}) == blessings);
  CHECK(store->default_blessings() == blessings);
  CHECK(verror::BadState.matches(store->set(blessings, BlessingPattern("b")).error()));
  CHECK(verror::BadState.matches(store->set_default(Blessings()).error()));
  const auto caveat = scene.caveat();
  store->cache_discharge(scene.mint(caveat), caveat, DischargeImpetus(), kNow);
  CHECK(store->discharge(caveat, DischargeImpetus(), kNow));
}

TEST_CASE("a store in words") {
  const Scene scene;
  CHECK(scene.store.set_default(scene.named("a")));
  CHECK(scene.store.set(scene.named("b"), BlessingPattern("bob")));
  CHECK(scene.store.set(scene.named("c"), BlessingPattern("...")));
  CHECK(scene.store.to_string() ==
        "Default Blessings                a\n"
        "Peer pattern                     Blessings\n"
        "...                              c\n"
        "bob                              b\n");
}

TEST_CASE("a discharge is found again for what its caveat asks to be told, and for nothing else") {
  const Scene scene;
  DischargeRequirements method, server, arguments;
  method.method = server.server = arguments.arguments = true;
  DischargeImpetus get, put;
  get.Method = "Get";
  get.Server = {BlessingPattern("a"), BlessingPattern("b")};
  put.Method = "Put";
  put.Server = {BlessingPattern("b"), BlessingPattern("a")};

  const auto for_all = scene.caveat(), for_method = scene.caveat(method), for_server = scene.caveat(server),
             for_arguments = scene.caveat(arguments);
  for (const auto& caveat : {for_all, for_method, for_server, for_arguments}) {
    scene.store.cache_discharge(scene.mint(caveat), caveat, get, kNow);
  }
  CHECK(scene.store.discharge(for_all, put, kNow));
  CHECK(scene.store.discharge(for_method, get, kNow));
  CHECK_FALSE(scene.store.discharge(for_method, put, kNow));
  CHECK(scene.store.discharge(for_server, put, kNow));  // the order of patterns does not matter
  CHECK_FALSE(scene.store.discharge(for_server, DischargeImpetus(), kNow));
  CHECK_FALSE(scene.store.discharge(for_arguments, get, kNow));
  CHECK(scene.store.discharge(for_all, get, kNow)->cached_at == kNow);
}

TEST_CASE("the key of the cache is the one that Go computes") {
  const auto discharger = key_of(0x33).public_key();
  const Caveat caveat(v23::security::PublicKeyThirdPartyCaveat().Id,
                      vom::encode(v23::security::publicKeyThirdPartyCaveatParam(
                                      v23::security::nonce(), {unconstrained_use()},
                                      Bytes(discharger.der().begin(), discharger.der().end()), "d",
                                      v23::security::ThirdPartyRequirements(true, true, false)))
                          .value());
  DischargeImpetus impetus;
  impetus.Method = "Get";
  impetus.Server = {BlessingPattern("b"), BlessingPattern("a")};
  const auto sha256 = [](BytesView bytes) { return security::hash(security::HashAlgorithm::kSha256, {bytes}).bytes(); };
  Bytes all = sha256(as_bytes(third_party(caveat)->id));
  for (const auto* part : {"Get", "a,b"}) {
    const auto digest = sha256(as_bytes(part));
    all.insert(all.end(), digest.begin(), digest.end());
  }
  const auto key = security::discharge_key(caveat, impetus);
  REQUIRE(key);
  CHECK(Bytes(key->begin(), key->end()) == sha256(all));
}

TEST_CASE("a discharge that has expired, or answers another caveat, is not given") {
  const Scene scene;
  const auto caveat = scene.caveat();
  scene.store.cache_discharge(scene.mint(caveat, expiry_caveat(later(10))), caveat, DischargeImpetus(), kNow);
  CHECK(scene.store.discharge(caveat, DischargeImpetus(), later(9)));
  CHECK_FALSE(scene.store.discharge(caveat, DischargeImpetus(), later(10)));
  CHECK_FALSE(scene.store.discharge(caveat, DischargeImpetus(), later(9)));  // it was dropped
  scene.store.cache_discharge(scene.mint(scene.caveat()), caveat, DischargeImpetus(), kNow);
  scene.store.cache_discharge(Discharge(), caveat, DischargeImpetus(), kNow);
  scene.store.cache_discharge(scene.mint(caveat), unconstrained_use(), DischargeImpetus(), kNow);
  CHECK_FALSE(scene.store.discharge(caveat, DischargeImpetus(), kNow));
}

TEST_CASE("[A-34] cleared discharges are gone, whatever they were kept under; others stay") {
  const Scene scene;
  DischargeRequirements method;
  method.method = true;
  const auto one = scene.caveat(method), two = scene.caveat();
  const auto refused = scene.mint(one), kept = scene.mint(two);
  DischargeImpetus get, put;
  get.Method = "Get";
  put.Method = "Put";
  scene.store.cache_discharge(refused, one, get, kNow);
  scene.store.cache_discharge(refused, one, put, kNow);
  scene.store.cache_discharge(kept, two, get, kNow);
  scene.store.clear_discharges({refused});
  CHECK_FALSE(scene.store.discharge(one, get, kNow));
  CHECK_FALSE(scene.store.discharge(one, put, kNow));
  CHECK(scene.store.discharge(two, get, kNow));
}

TEST_CASE("a full cache drops what expires first, and keeps what never does") {
  const Scene scene;
  security::DischargeCache cache(2);
  const auto caveat = scene.caveat();
  const auto entry = [&](Caveat limit) { return CachedDischarge{scene.mint(caveat, std::move(limit)), kNow}; };
  security::DischargeKey key[3];
  for (std::uint8_t i = 0; i < 3; ++i) key[i][0] = i;
  cache.add(key[0], entry(expiry_caveat(later(10))));
  cache.add(key[1], entry(unconstrained_use()));
  cache.add(key[2], entry(expiry_caveat(later(20))));
  CHECK(cache.size() == 2);
  CHECK_FALSE(cache.find(key[0], kNow));
  CHECK(cache.find(key[1], kNow));
  CHECK(cache.find(key[2], kNow));
}

TEST_CASE("[A-44] a cache of discharges is bounded in bytes too") {
  const Scene scene;
  security::DischargeCache cache(100, 3000);
  const auto caveat = scene.caveat();
  auto large = unconstrained_use();
  large.ParamVom.resize(1000);
  for (std::uint8_t i = 0; i < 10; ++i) {
    security::DischargeKey key{};
    key[0] = i;
    cache.add(key, CachedDischarge{scene.mint(caveat, large), kNow});
    cache.add(key, CachedDischarge{scene.mint(caveat, large), kNow});
    CHECK(cache.size() == std::min<std::size_t>(i + 1u, 2));
  }
}

TEST_CASE("[A-44] a store whose file has discharges that are too large is read without them") {
  const Scene scene;
  const auto caveat = scene.caveat(), other = scene.caveat();
  auto huge = scene.mint(caveat).get_if<Discharge::PublicKey>()->value;
  // Each takes one byte in the file and many in memory.
  huge.Caveats.assign(4'000'000, Caveat());
  const auto key = *security::discharge_key(caveat, DischargeImpetus());
  const auto good = *security::discharge_key(other, DischargeImpetus());
  blessingStoreState wire;
  wire.CacheKeyFormat = 1;
  wire.Discharges.emplace(
      key, x::ref::lib::security::CachedDischarge(Discharge(Discharge::PublicKey(std::move(huge))), kNow));
  wire.Discharges.emplace(good, x::ref::lib::security::CachedDischarge(scene.mint(other), kNow));
  auto read = StoreState::from_bytes(scene.user->public_key(), vom::encode(wire).value());
  REQUIRE(read);
  CHECK(read->discharges.size() == 1);
  CHECK(read->discharges.find(good, kNow));
  CHECK(read->to_bytes()->size() < 4096);
}

TEST_CASE("what a store holds is written and read") {
  const Scene scene;
  StoreState state(scene.user->public_key());
  CHECK(state.set(scene.named("a"), BlessingPattern("alice")));
  CHECK(state.set_default(scene.named("b")));
  const auto caveat = scene.caveat();
  const auto key = *security::discharge_key(caveat, DischargeImpetus());
  state.discharges.add(key, CachedDischarge{scene.mint(caveat), kNow});
  auto read = StoreState::from_bytes(scene.user->public_key(), state.to_bytes().value());
  REQUIRE(read);
  CHECK(read->peer_blessings() == state.peer_blessings());
  CHECK(read->default_blessings() == state.default_blessings());
  const auto found = read->discharges.find(key, kNow);
  REQUIRE(found);
  CHECK(found->discharge == state.discharges.find(key, kNow)->discharge);
  CHECK(found->cached_at == kNow);
}

TEST_CASE("discharges in their older place are read, those under keys of another format are not") {
  const Scene scene;
  const auto caveat = scene.caveat();
  const auto key = *security::discharge_key(caveat, DischargeImpetus());
  blessingStoreState wire;
  wire.DischargeCache.emplace(key, scene.mint(caveat));
  wire.CacheKeyFormat = 1;
  const auto found =
      StoreState::from_bytes(scene.user->public_key(), vom::encode(wire).value())->discharges.find(key, kNow);
  REQUIRE(found);
  CHECK_FALSE(found->cached_at);

  wire.Discharges.emplace(key, x::ref::lib::security::CachedDischarge(scene.mint(caveat), kNow));
  for (const std::uint32_t format : {0u, 2u}) {
    wire.CacheKeyFormat = format;
    const auto read = StoreState::from_bytes(scene.user->public_key(), vom::encode(wire).value());
    REQUIRE(read);
    CHECK(read->discharges.size() == 0);
  }
}

TEST_CASE("[A-50] a state with blessings of somebody else is refused") {
  const Scene scene;
  const auto foreign = scene.discharger->bless_self("d").value();
  blessingStoreState wire;
  wire.DefaultBlessings = foreign.wire();
  CHECK_FALSE(StoreState::from_bytes(scene.user->public_key(), vom::encode(wire).value()));
  wire.DefaultBlessings = {};
  CHECK(StoreState::from_bytes(scene.user->public_key(), vom::encode(wire).value()));
  wire.PeerBlessings.emplace(BlessingPattern("..."), foreign.wire());
  CHECK_FALSE(StoreState::from_bytes(scene.user->public_key(), vom::encode(wire).value()));
}

}  // namespace
}  // namespace nb

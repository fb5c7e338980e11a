#include <nb/security/discharge_fetcher.h>

#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <thread>
#include <tuple>

#include <nb/security/caveat.h>

#include "security/discharge_digest.h"
#include "security/testing/principals.h"

namespace nb {
namespace {

using namespace std::chrono_literals;
using security::testing::key_of;
using security::testing::principal_of;
using v23::security::DischargeImpetus;

constexpr std::int64_t kBillion = 1'000'000'000;

// Keeps what it is asked until the test answers.
struct FakeClient final : DischargeClient {
  struct Question {
    Question() = default;
    Context context;
    std::string location;
    Caveat caveat;
    DischargeImpetus impetus;
    std::function<void(Result<Discharge>)> done;
  };
  void discharge(const Context& context, const std::string& location, const Caveat& caveat,
                 const DischargeImpetus& impetus, std::function<void(Result<Discharge>)> done) override {
    Question question;
    question.context = context;
    question.location = location;
    question.caveat = caveat;
    question.impetus = impetus;
    question.done = std::move(done);
    ++asked;
    if (answer) return question.done(answer(question));
    open.push_back(std::move(question));
  }
  Question take() {
    auto question = std::move(open.front());
    open.pop_front();
    return question;
  }

  int asked = 0;
  std::deque<Question> open;
  std::function<Result<Discharge>(const Question&)> answer;  // at once, instead
};

struct Scene {
  Scene() = default;
  ~Scene() { client->open.clear(); }  // unanswered questions keep their client
  Caveat caveat(DischargeRequirements requirements = {}, const std::string& location = "d") const {
    return third_party_caveat(discharger->public_key(), location, requirements, {unconstrained_use()}).value();
  }
  Blessings blessings_with(const std::vector<Caveat>& caveats) const {
    return user->bless_self("user", caveats).value();
  }
  Time now() const { return Time::from(clock->wall_now()); }
  Time in(std::chrono::seconds from_now) const { return Time::from(clock->wall_now() + from_now); }
  Discharge mint(const Caveat& caveat, std::optional<Time> expiry = {}) const {
    return discharger->mint_discharge(caveat, expiry ? expiry_caveat(*expiry) : unconstrained_use()).value();
  }
  // The answer, if there is one by now.
  std::optional<PreparedDischarges> prepare(const Blessings& blessings, const DischargePurpose& purpose = {},
                                            const Context& context = Context()) {
    auto result = std::make_shared<std::optional<PreparedDischarges>>();
    last = result;
    fetcher.prepare(context, blessings, store, purpose, [result](PreparedDischarges ready) {
      REQUIRE_FALSE(result->has_value());
      *result = std::move(ready);
    });
    return *result;
  }

  std::shared_ptr<const Principal> user = principal_of(0x22), discharger = principal_of(0x33);
  std::shared_ptr<BlessingStore> store = memory_store(user->public_key());
  std::shared_ptr<FakeClient> client = std::make_shared<FakeClient>();
  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  DischargeFetcher fetcher{client, clock};
  std::shared_ptr<std::optional<PreparedDischarges>> last;
};

TEST_CASE("blessings without third-party caveats need nothing") {
  Scene scene;
  const auto ready = scene.prepare(scene.blessings_with({unconstrained_use()}));
  REQUIRE(ready);
  CHECK(ready->discharges.empty());
  CHECK_FALSE(ready->refresh);
  CHECK(scene.prepare(Blessings()));
}

TEST_CASE("all discharges are asked for at once, and given in the order of their caveats") {
  Scene scene;
  const auto one = scene.caveat({}, "one"), two = scene.caveat({}, "two");
  CHECK_FALSE(scene.prepare(scene.blessings_with({one, two})));
  REQUIRE(scene.client->open.size() == 2);
  auto first = scene.client->take(), second = scene.client->take();
  CHECK(first.location == "one");
  CHECK(second.location == "two");
  second.done(scene.mint(two));
  CHECK_FALSE(*scene.last);
  first.done(scene.mint(one));
  REQUIRE(*scene.last);
  CHECK(discharge_id((*scene.last)->discharges[0]) == third_party(one)->id);
  CHECK(discharge_id((*scene.last)->discharges[1]) == third_party(two)->id);
  CHECK_FALSE((*scene.last)->refresh);
}

TEST_CASE("a discharger is told only what its caveat asks for") {
  Scene scene;
  DischargeRequirements all, none, server;
  all.server = all.method = all.arguments = true;
  server.server = true;
  DischargePurpose purpose;
  purpose.peer_names = {"alice:tv", "alice:hub"};
  purpose.method = "Get";
  purpose.arguments = {Any(std::int32_t{7})};
  (void)scene.prepare(scene.blessings_with({scene.caveat(all), scene.caveat(none), scene.caveat(server)}), purpose);
  REQUIRE(scene.client->open.size() == 3);
  const DischargeImpetus told({BlessingPattern("alice:tv"), BlessingPattern("alice:hub")}, "Get",
                              {Any(std::int32_t{7})});
  CHECK(scene.client->open[0].impetus == told);
  CHECK(scene.client->open[1].impetus == DischargeImpetus());
  CHECK(scene.client->open[2].impetus == DischargeImpetus(told.Server, "", {}));
}

TEST_CASE("a cached discharge serves until half of its life is over, then it is fetched again") {
  Scene scene;
  const auto caveat = scene.caveat();
  const auto blessings = scene.blessings_with({caveat});
  const auto expiry = scene.in(100s);
  scene.client->answer = [&](const auto& question) { return scene.mint(question.caveat, expiry); };
  auto ready = scene.prepare(blessings);
  REQUIRE(ready);
  CHECK(ready->refresh == scene.in(50s));
  CHECK(scene.client->asked == 1);

  scene.clock->advance(50s - 1ns);
  ready = scene.prepare(blessings);
  CHECK(scene.client->asked == 1);
  CHECK(ready->discharges.size() == 1);
  scene.clock->advance(1ns);
  ready = scene.prepare(blessings);
  CHECK(scene.client->asked == 2);
  CHECK(ready->refresh == scene.in(25s));
}

TEST_CASE("a discharge that cannot be fetched again serves until its end") {
  Scene scene;
  const auto caveat = scene.caveat();
  const auto blessings = scene.blessings_with({caveat});
  scene.store->cache_discharge(scene.mint(caveat, scene.in(300s)), caveat, DischargeImpetus(), scene.now());
  scene.client->answer = [](const auto&) { return verror::NoServers("none"); };
  scene.clock->advance(200s);
  auto ready = scene.prepare(blessings);
  CHECK(scene.client->asked == 1);
  REQUIRE(ready->discharges.size() == 1);
  CHECK(ready->refresh == scene.in(60s));  // tried again in a minute
  scene.clock->advance(100s);
  ready = scene.prepare(blessings);
  CHECK(ready->discharges.empty());
  CHECK(ready->refresh == scene.in(60s));
}

TEST_CASE("a discharge that has expired when it comes counts as failed, and is not asked for again at once") {
  Scene scene;
  const auto caveat = scene.caveat();
  scene.client->answer = [&](const auto& question) { return scene.mint(question.caveat, scene.in(-100s)); };
  auto ready = scene.prepare(scene.blessings_with({caveat}));
  REQUIRE(ready);
  CHECK(ready->discharges.empty());
  CHECK(ready->refresh == scene.in(60s));
  CHECK(scene.client->asked == 1);
  CHECK_FALSE(scene.store->discharge(caveat, DischargeImpetus(), scene.now()));
  // One that lives for a moment only is shown, and not fetched all the time.
  scene.client->answer = [&](const auto& question) { return scene.mint(question.caveat, scene.in(1s)); };
  ready = scene.prepare(scene.blessings_with({caveat}));
  CHECK(ready->discharges.size() == 1);
  CHECK(ready->refresh == scene.in(5s));
}

TEST_CASE("[A-44] a discharge that is too large is neither shown nor kept") {
  Scene scene;
  const auto caveat = scene.caveat();
  const auto sized = [&](std::size_t caveats, std::size_t bytes) {
    auto made = scene.mint(caveat).get_if<Discharge::PublicKey>()->value;
    made.Caveats = std::vector<Caveat>(caveats, unconstrained_use());
    made.Caveats[0].ParamVom.resize(bytes);
    const auto digest =
        security::discharge_digest(scene.discharger->public_key(), made.ThirdPartyCaveatId, made.Caveats);
    made.Signature = key_of(0x33).sign("D1", digest).value();
    return Discharge(Discharge::PublicKey(std::move(made)));
  };
  for (const auto& [caveats, bytes, fits] :
       {std::tuple(64, 10, true), std::tuple(65, 10, false), std::tuple(1, 63 << 10, true),
        std::tuple(1, 64 << 10, false), std::tuple(1, 60 << 20, false)}) {
    CAPTURE(caveats);
    CAPTURE(bytes);
    const auto answer = sized(static_cast<std::size_t>(caveats), static_cast<std::size_t>(bytes));
    scene.client->answer = [&](const auto&) { return answer; };
    const auto ready = scene.prepare(scene.blessings_with({caveat}));
    CHECK(ready->discharges.size() == (fits ? 1 : 0));
    CHECK(scene.store->discharge(caveat, DischargeImpetus(), scene.now()).has_value() == fits);
    scene.store->clear_discharges({answer});
    scene.store->cache_discharge(answer, caveat, DischargeImpetus(), scene.now());
    CHECK(scene.store->discharge(caveat, DischargeImpetus(), scene.now()).has_value() == fits);
    scene.store->clear_discharges({answer});
  }
}

TEST_CASE("what failed is tried again as long as something new arrived") {
  Scene scene;
  const auto one = scene.caveat({}, "one"), two = scene.caveat({}, "two"), three = scene.caveat({}, "three");
  std::vector<std::string> order;
  // Each can be had once the one before it is there; the third never.
  bool has_one = false;
  scene.client->answer = [&](const FakeClient::Question& question) -> Result<Discharge> {
    order.push_back(question.location);
    if (question.location == "three") return verror::NoAccess("never");
    if (question.location == "two" && !has_one) return verror::NoAccess("not yet");
    if (question.location == "one") has_one = true;
    return scene.mint(question.caveat);
  };
  const auto ready = scene.prepare(scene.blessings_with({two, one, three}));
  REQUIRE(ready);
  CHECK(order == std::vector<std::string>{"two", "one", "three", "two", "three", "three"});
  CHECK(ready->discharges.size() == 2);
  CHECK(ready->refresh == scene.in(60s));
}

TEST_CASE("a caveat on two chains is asked for once") {
  Scene scene;
  const auto caveat = scene.caveat();
  const auto twice =
      union_of({scene.blessings_with({caveat}), scene.user->bless_self("other", {caveat}).value()}).value();
  scene.client->answer = [&](const auto& question) { return scene.mint(question.caveat); };
  CHECK(scene.prepare(twice)->discharges.size() == 1);
  CHECK(scene.client->asked == 1);
}

TEST_CASE("what is not a discharge for the caveat by its discharger is neither shown nor kept") {
  Scene scene;
  const auto caveat = scene.caveat(), other = scene.caveat();
  auto forged = scene.mint(caveat).get_if<Discharge::PublicKey>()->value;
  forged.Signature.S[5] ^= 1;
  for (const auto& answer : {scene.mint(other), Discharge(Discharge::PublicKey(forged)), Discharge()}) {
    scene.client->answer = [&](const auto&) { return answer; };
    const auto ready = scene.prepare(scene.blessings_with({caveat}));
    CHECK(ready->discharges.empty());
    CHECK(ready->refresh == scene.in(60s));
    CHECK_FALSE(scene.store->discharge(caveat, DischargeImpetus(), scene.now()));
  }
}

TEST_CASE("[A-34] a discharge that was cleared after a refusal is fetched again by the next call") {
  Scene scene;
  const auto caveat = scene.caveat();
  const auto blessings = scene.blessings_with({caveat});
  scene.client->answer = [&](const auto& question) { return scene.mint(question.caveat, scene.in(1000s)); };
  const auto shown = scene.prepare(blessings)->discharges;
  CHECK(scene.prepare(blessings)->discharges == shown);
  CHECK(scene.client->asked == 1);
  scene.store->clear_discharges(shown);
  CHECK_FALSE(scene.store->discharge(caveat, DischargeImpetus(), scene.now()));
  const auto fresh = scene.prepare(blessings)->discharges;
  CHECK(scene.client->asked == 2);
  CHECK(fresh.size() == 1);
  CHECK(fresh != shown);
}

TEST_CASE("[A-35] a discharger that needs its own discharge to be asked is not asked without end") {
  Scene scene;
  const auto caveat = scene.caveat();
  const auto blessings = scene.blessings_with({caveat});
  int inner_answers = 0;
  // To call the discharger the client shows the same blessings, which need the discharge.
  scene.client->answer = [&](const FakeClient::Question& question) -> Result<Discharge> {
    CHECK_FALSE(may_fetch_discharges(question.context));
    scene.fetcher.prepare(question.context, blessings, scene.store, DischargePurpose(), [&](PreparedDischarges ready) {
      ++inner_answers;
      CHECK(ready.discharges.empty());
    });
    return verror::NoAccess("no discharge shown");
  };
  const auto ready = scene.prepare(blessings);
  REQUIRE(ready);
  CHECK(scene.client->asked == 1);
  CHECK(inner_answers == 1);
  CHECK(ready->discharges.empty());
}

TEST_CASE("while a discharge is fetched, the cached ones are used, even near their end") {
  Scene scene;
  const auto caveat = scene.caveat();
  scene.store->cache_discharge(scene.mint(caveat, scene.in(100s)), caveat, DischargeImpetus(), scene.now());
  scene.clock->advance(99s);
  CHECK(may_fetch_discharges(Context()));
  const auto ready = scene.prepare(scene.blessings_with({caveat}), {}, without_fetching_discharges(Context()));
  CHECK(ready->discharges.size() == 1);
  CHECK(scene.client->asked == 0);
}

TEST_CASE("answers may come on any threads") {
  Scene scene;
  std::vector<Caveat> caveats;
  for (int i = 0; i < 8; ++i) caveats.push_back(scene.caveat());
  (void)scene.prepare(scene.blessings_with(caveats));
  std::vector<std::thread> threads;
  while (!scene.client->open.empty()) {
    threads.emplace_back([&, question = scene.client->take()] { question.done(scene.mint(question.caveat)); });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(*scene.last);
  CHECK((*scene.last)->discharges.size() == 8);
}

TEST_CASE("[A-57] refresh times stay within time, and never lie behind the expiry") {
  const Scene scene;
  const auto caveat = scene.caveat();
  const auto at = [&](std::optional<Time> expiry, std::optional<Time> cached) {
    return discharge_refresh_time(scene.mint(caveat, expiry), cached);
  };
  const Time last(INT64_MAX, 999'999'999), first(INT64_MIN, 0), zero(0, 0);
  CHECK_FALSE(at({}, zero));
  CHECK(at(Time(100, 0), Time(0, 0)) == Time(50, 0));
  CHECK(at(Time(101, 0), Time(0, 0)) == Time(50, kBillion / 2));
  CHECK(at(Time(100, 0), std::nullopt) == Time(40, 0));
  CHECK(at(Time(100, 0), Time(200, 0)) == Time(100, 0));  // the clock was set back
  CHECK(at(Time(3, 0), Time(-4, 0)) == Time(0, -kBillion / 2));
  CHECK(at(last, last) == last);
  CHECK(at(last, zero) == Time(INT64_MAX / 2, kBillion / 2 + 499'999'999));
  CHECK(at(first, std::nullopt) == first);
  CHECK(at(first, last) == first);
  CHECK(at(last, first) <= last);
}

}  // namespace
}  // namespace nb

#include <nb/security/caveat.h>

#include <doctest/doctest.h>

#include <limits>

#include <nb/security/access.h>
#include <nb/security/blessing_names.h>

#include "security/testing/principals.h"
#include "security/testing/vectors.h"

namespace nb {
namespace {

using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;
using security::vectors::from_hex;
using security::vectors::to_hex;
using v23::security::access::Tag;

BlessingPattern pattern(std::string text) { return BlessingPattern(std::move(text)); }

Result<void> validate(const SecurityCall& call, const Caveat& caveat) {
  return CaveatValidators().validate(Context(), call, caveat);
}
bool holds(const SecurityCall& call, const Caveat& caveat) { return validate(call, caveat).ok(); }

// A call that alice judges; her own names are alice and alice:tv.
SecurityCall call_at_alice() {
  static const auto alice = principal_of(0x11);
  const auto self = alice->bless_self("alice").value();
  alice->add_to_roots(self).value();
  auto call = call_of(alice, Blessings());
  call.local_blessings =
      union_of({self, alice->bless(alice->public_key(), self, "tv", unconstrained_use()).value()}).value();
  return call;
}

Caveat with_parameter(const Caveat& caveat, Bytes parameter) { return Caveat(caveat.Id, std::move(parameter)); }

constexpr auto kExpiryHex =
    "81512506000974696d652e54696d65010200075365636f6e64730109e100054e616e6f730108e1e1520800fb1dd0de984ae1";

TEST_CASE("parameters of the standard caveats are encoded as in the worked bytes 8.3, or read as equal") {
  CHECK(to_hex(const_caveat(true).ParamVom) == "810201");
  CHECK(to_hex(const_caveat(false).ParamVom) == "810200");
  CHECK(to_hex(method_caveat({"Put", "Get"}).ParamVom) == "815009020350757403476574");
  const Time moment(Time::kUnixEpoch + 1893553445, 0);
  CHECK(to_hex(expiry_caveat(moment).ParamVom) == kExpiryHex);
  CHECK(security::decode_parameter<Time>(from_hex(kExpiryHex)).value() == moment);
  CHECK(security::decode_parameter<Time>(
            from_hex("81512506000974696d652e54696d65010200075365636f6e64730109e100054e616e6f730108e1e1520a00fb1dd0de98"
                     "4a010ce1"))
            .value() == Time(moment.seconds(), 6));
  CHECK(security::decode_parameter<std::vector<BlessingPattern>>(
            from_hex("815327000021762e696f2f7632332f73656375726974792e426c657373696e675061747465726e0103e1510403012ae1"
                     "520d0205616c69636505626f623a24"))
            .value() == std::vector<BlessingPattern>{pattern("alice"), pattern("bob:$")});
  CHECK(security::decode_parameter<std::vector<Tag>>(
            from_hex("81532200001c762e696f2f7632332f73656375726974792f6163636573732e5461670103e1510403012ae1520c020452"
                     "656164054465627567"))
            .value() == std::vector<Tag>{v23::security::access::Read(), v23::security::access::Debug()});
}

TEST_CASE("a constant caveat holds or not") {
  CHECK(holds(call_at_alice(), unconstrained_use()));
  const auto refused = validate(call_at_alice(), const_caveat(false));
  CHECK(v23::security::CaveatValidation.matches(refused.error()));
  CHECK(refused.error().message() == "caveat validation failed: false constant caveat");
}

TEST_CASE("[A-21] a name is refused once its caveat has expired, on the same connection too") {
  auto call = call_at_alice();
  const auto now = call.timestamp;
  CHECK(holds(call, expiry_caveat(now)));
  CHECK(holds(call, expiry_caveat(Time(now.seconds(), now.nanos() + 1))));
  CHECK_FALSE(holds(call, expiry_caveat(Time(now.seconds(), now.nanos() - 1))));

  const auto alice = call.local_principal;
  const auto self = alice->bless_self("alice").value();
  call.remote_blessings =
      alice->bless(key_of(0x22).public_key(), self, "phone", expiry_caveat(Time(now.seconds() + 10, 0))).value();
  CHECK(remote_blessing_names(Context(), call).valid == std::vector<std::string>{"alice:phone"});
  call.timestamp = Time(now.seconds() + 10, 0);
  CHECK(remote_blessing_names(Context(), call).valid.size() == 1);
  call.timestamp = Time(now.seconds() + 10, 1);
  const auto names = remote_blessing_names(Context(), call);
  CHECK(names.valid.empty());
  REQUIRE(names.rejected.size() == 1);
  CHECK(names.rejected[0].Blessing == "alice:phone");
  CHECK(names.rejected[0].Err->message().find("is after expiry") != std::string_view::npos);
  // The same blessings, when the clock goes back.
  call.timestamp = now;
  CHECK(remote_blessing_names(Context(), call).valid.size() == 1);
}

TEST_CASE("[A-22] a caveat that begins to hold later does not hold yet, nor at that moment itself") {
  const auto call = call_at_alice();
  const auto now = call.timestamp;
  CHECK(holds(call, not_before_caveat(Time(now.seconds(), now.nanos() - 1))));
  CHECK_FALSE(holds(call, not_before_caveat(now)));
  CHECK_FALSE(holds(call, not_before_caveat(Time(now.seconds() + 1, 0))));
}

TEST_CASE("[A-23] a caveat with an id that is not known is refused, whatever its parameter") {
  auto caveat = unconstrained_use();
  caveat.Id[7] = 1;
  CHECK(v23::security::CaveatNotRegistered.matches(validate(call_at_alice(), caveat).error()));
  caveat.ParamVom.clear();
  CHECK(v23::security::CaveatNotRegistered.matches(validate(call_at_alice(), caveat).error()));
}

TEST_CASE("[A-24] a parameter must be of exactly its type, whole, with nothing behind it") {
  const auto call = call_at_alice();
  const auto refused = [&](const Caveat& caveat, Bytes parameter) {
    return v23::security::CaveatParamCoding.matches(validate(call, with_parameter(caveat, parameter)).error());
  };
  const auto encoded = [](const auto& value) { return vom::encode(value).value(); };
  const auto yes = unconstrained_use();
  CHECK(refused(yes, {}));
  CHECK(refused(yes, {0x81}));
  CHECK(refused(yes, {0x81, 0x02}));
  CHECK(refused(yes, {0x81, 0x02, 0x01, 0x00}));
  CHECK(refused(yes, {0x81, 0x02, 0x01, 0x02, 0x01}));
  CHECK(refused(yes, {0x80, 0x02, 0x01}));
  CHECK(refused(yes, {0x81, 0x02, 0x02}));
  CHECK(refused(yes, {0x02, 0x01}));
  CHECK(refused(yes, encoded(std::string("true"))));
  CHECK(refused(yes, encoded(std::int32_t{1})));
  CHECK(refused(yes, encoded(std::vector<bool>{true})));

  // Types that convert, but are others: they pass with Go.
  const auto method = method_caveat({"Get"});
  CHECK(holds(call, method));
  CHECK(refused(method, encoded(std::vector<BlessingPattern>{pattern("Get")})));
  CHECK(refused(method, encoded(std::vector<Tag>{Tag("Get")})));
  CHECK(refused(method, encoded(std::string("Get"))));
  CHECK(refused(method, encoded(std::vector<Any>{Any("Get")})));
  CHECK(refused(method, encoded(Set<std::string>{"Get"})));
  const auto peer = peer_blessings_caveat({pattern("alice")});
  CHECK(holds(call, peer));
  CHECK(refused(peer, encoded(std::vector<std::string>{"alice"})));
  CHECK(refused(expiry_caveat(call.timestamp), encoded(std::int64_t{1} << 60)));

  // Every beginning of a good parameter, and every one with a bit changed: refused or judged, never worse.
  const auto time = expiry_caveat(Time(call.timestamp.seconds() + 1, 5));
  for (std::size_t n = 0; n < time.ParamVom.size(); ++n) {
    CHECK(refused(time, Bytes(time.ParamVom.begin(), time.ParamVom.begin() + static_cast<std::ptrdiff_t>(n))));
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = time;
      changed.ParamVom[n] ^= static_cast<std::uint8_t>(1 << bit);
      (void)validate(call, changed);
    }
  }
}

TEST_CASE("[A-24] a parameter that says it is huge is refused without the memory for it") {
  const auto call = call_at_alice();
  // A list of 2^28 strings, and a string of 2^30 bytes, in a few bytes each.
  for (const auto* hex : {"8150fffb10000000", "815005fc10000000", "8106fc40000000", "815009fcffffffff"}) {
    CAPTURE(hex);
    CHECK_FALSE(holds(call, with_parameter(method_caveat({"Get"}), from_hex(hex))));
  }
  // Types inside each other, a list of lists of … deep down.
  Bytes deep = {0x81};
  for (int i = 0; i < 200; ++i) {
    const std::uint8_t id = 0x51;
    deep.insert(deep.end(), {id, 0x04, 0x03, 0x01, 0x2a, 0xe1});
  }
  CHECK_FALSE(holds(call, with_parameter(method_caveat({"Get"}), deep)));
  // An array of an array of …, each of 255 parts: no zero value of it is ever made.
  Value nested = Value(Type::list(Type::any()));
  for (int i = 0; i < 40; ++i) {
    Value outer(Type::list(Type::any()));
    outer.append(Value::any(nested));
    nested = outer;
  }
  CHECK_FALSE(holds(call, with_parameter(method_caveat({"Get"}), vom::encode(nested).value())));
}

TEST_CASE("[A-25] a method caveat takes the method's name as it was called, and never an empty list") {
  auto call = call_at_alice();
  const auto get = method_caveat({"Put", "Get"});
  CHECK(holds(call, get));
  for (const auto* method : {"", "get", "GET", "Get ", "__Get", "__Glob", "Ge", "Gets"}) {
    CAPTURE(method);
    call.method = method;
    CHECK_FALSE(holds(call, get));
    CHECK_FALSE(holds(call, method_caveat({})));
  }
  call.method = "__Glob";
  CHECK(holds(call, method_caveat({"__Glob"})));
  const auto refused = validate(call, get);
  CHECK(refused.error().message() == "caveat validation failed: method __Glob not in list []string{\"Put\", \"Get\"}");
}

TEST_CASE("[A-26] a caveat for one peer does not hold at another") {
  auto call = call_at_alice();
  CHECK(holds(call, peer_blessings_caveat({pattern("alice")})));
  CHECK(holds(call, peer_blessings_caveat({pattern("bob"), pattern("alice:tv")})));
  CHECK(holds(call, peer_blessings_caveat({pattern("alice:$")})));
  CHECK_FALSE(holds(call, peer_blessings_caveat({pattern("bob")})));
  CHECK_FALSE(holds(call, peer_blessings_caveat({pattern("alice:radio"), pattern("ali"), pattern("")})));
  CHECK_FALSE(holds(call, peer_blessings_caveat({})));

  // Names that the validating end only claims: a root it does not believe, or blessings of somebody else.
  const auto bob = principal_of(0x22);
  call.local_principal = bob;
  CHECK_FALSE(holds(call, peer_blessings_caveat({pattern("alice")})));
  REQUIRE(bob->add_to_roots(call.local_blessings));
  CHECK_FALSE(holds(call, peer_blessings_caveat({pattern("alice")})));
  call.local_blessings = bob->bless_self("alice").value();
  CHECK_FALSE(holds(call, peer_blessings_caveat({pattern("alice")})));
  REQUIRE(bob->add_to_roots(call.local_blessings));
  CHECK(holds(call, peer_blessings_caveat({pattern("alice")})));
  call.local_principal = nullptr;
  CHECK_FALSE(holds(call, peer_blessings_caveat({pattern("alice")})));
}

TEST_CASE("an access tag caveat holds for methods that carry a tag of exactly that type") {
  auto call = call_at_alice();
  const auto caveat = access_tag_caveat({v23::security::access::Read(), v23::security::access::Debug()});
  CHECK_FALSE(holds(call, caveat));
  call.method_tags = {Any(std::string("Read")), Any(Tag("Write"))};
  CHECK_FALSE(holds(call, caveat));
  call.method_tags.push_back(Any(Tag("Debug")));
  CHECK(holds(call, caveat));
  CHECK_FALSE(holds(call, access_tag_caveat({})));
}

TEST_CASE("[A-57] times at the ends of what can be said do not overflow, and malformed ones refuse") {
  auto call = call_at_alice();
  const Time last(std::numeric_limits<std::int64_t>::max(), 999'999'999);
  const Time first(std::numeric_limits<std::int64_t>::min(), -999'999'999);
  CHECK(holds(call, expiry_caveat(last)));
  CHECK_FALSE(holds(call, expiry_caveat(first)));
  CHECK_FALSE(holds(call, not_before_caveat(last)));
  CHECK(holds(call, not_before_caveat(first)));
  call.timestamp = last;
  CHECK(holds(call, expiry_caveat(last)));
  CHECK_FALSE(holds(call, expiry_caveat(Time(0, 0))));
  call.timestamp = Time();  // of year 1: a clock that was never set
  CHECK_FALSE(holds(call, expiry_caveat(Time(0, -1))));
  CHECK_FALSE(holds(call, expiry_caveat(Time(-1, 0))));
  CHECK(holds(call, expiry_caveat(Time())));
  CHECK_FALSE(holds(call, not_before_caveat(Time())));

  // Seconds and nanoseconds as they may come: of opposite signs, with too many nanoseconds, at the very ends.
  call = call_at_alice();
  const auto raw = [](std::int64_t seconds, std::int32_t nanos) {
    Value time(Codec<Time>::type());
    time.set_field(0, Value::signed_number(seconds, Type::int64()));
    time.set_field(1, Value::signed_number(nanos, Type::int32()));
    return with_parameter(expiry_caveat(Time()), vom::encode(time).value());
  };
  const auto now = call.timestamp.seconds();
  CHECK(holds(call, raw(now, 0)));
  CHECK_FALSE(holds(call, raw(now, -1)));
  CHECK(holds(call, raw(now + 1, -1)));
  CHECK(holds(call, raw(now - 1, 1'000'000'000)));
  CHECK_FALSE(holds(call, raw(now - 2, 1'999'999'999)));
  CHECK(holds(call, raw(INT64_MAX, INT32_MAX)));
  CHECK_FALSE(holds(call, raw(INT64_MIN, INT32_MIN)));
  CHECK_FALSE(holds(call, raw(INT64_MIN, INT32_MAX)));
}

TEST_CASE("the standard validators cannot be replaced, and a type must be that of the descriptor") {
  CaveatValidators validators;
  const auto always = [](const Context&, const SecurityCall&, const auto&) { return Result<void>(); };
  CHECK(verror::Exist.matches(validators.add<bool>(v23::security::ConstCaveat(), always).error()));
  auto own = v23::security::ConstCaveat();
  own.Id[0] = 9;
  CHECK(v23::security::CaveatParamTypeMismatch.matches(validators.add<std::string>(own, always).error()));
  CHECK(v23::security::CaveatParamTypeMismatch.matches(make_caveat(own, std::string("x")).error()));
  auto with_any = own;
  with_any.ParamType = Codec<std::vector<Any>>::type();
  CHECK(v23::security::CaveatParamAny.matches(validators.add<std::vector<Any>>(with_any, always).error()));
  CHECK(v23::security::CaveatParamAny.matches(make_caveat(with_any, std::vector<Any>()).error()));
  CHECK(validators.add<bool>(own, always));
  CHECK(validators.validate(Context(), call_at_alice(), make_caveat(own, false).value()));
  CHECK_FALSE(holds(call_at_alice(), make_caveat(own, false).value()));
}

}  // namespace
}  // namespace nb

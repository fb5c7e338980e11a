// Static codecs against the worked examples of docs/spec/vom.md section 16, and what surrounds them.
#include <doctest/doctest.h>

#include <chrono>
#include <limits>

#include <nb/vdl/codec.h>
#include <nb/vom/instantiate.h>
#include <nb/vom/vom.h>

#include "vom/test_vectors.h"

using namespace nb;

// By hand what generated code looks like: struct{A bool; B string; C int64} and some around it.
namespace t {

struct NStruct {
  bool A{};
  std::string B{};
  std::int64_t C{};
  friend bool operator==(const NStruct&, const NStruct&) = default;
};

struct Node {  // struct{Value int32; Next ?Node}
  std::int32_t Value{};
  Box<Node> Next{};
  friend bool operator==(const Node&, const Node&) = default;
};

struct RecA : std::vector<RecA> {
  using std::vector<RecA>::vector;
};

struct NInt16 : Number<std::int16_t, NInt16> {
  using Number::Number;
};
struct NByte : Number<std::uint8_t, NByte> {
  using Number::Number;
};

struct Key {  // struct{X float64}, as a map key
  double X{};
  friend bool operator==(const Key&, const Key&) = default;
};

constexpr FieldRow kNStruct[] = {{"A", 1}, {"B", 2}, {"C", 3}};
constexpr FieldRow kNode[] = {{"Value", 5}, {"Next", 6}};
constexpr FieldRow kKey[] = {{"X", 12}};
constexpr TypeRow kRows[] = {
    TypeRow::structure("v.io/v23/vom/testdata/types.NStruct", kNStruct),  // 0
    TypeRow::external(&Codec<bool>::type),                                // 1
    TypeRow::external(&Codec<std::string>::type),                         // 2
    TypeRow::external(&Codec<std::int64_t>::type),                        // 3
    TypeRow::structure("t.Node", kNode),                                  // 4
    TypeRow::external(&Codec<std::int32_t>::type),                        // 5
    TypeRow::optional(4),                                                 // 6
    TypeRow::list("t.RecA", 7),                                           // 7
    TypeRow::external(&Codec<std::int16_t>::type),                        // 8
    TypeRow::named("t.NInt16", 8),                                        // 9
    TypeRow::external(&Codec<std::uint8_t>::type),                        // 10
    TypeRow::named("t.NByte", 10),                                        // 11
    TypeRow::external(&Codec<double>::type),                              // 12
    TypeRow::structure("t.Key", kKey),                                    // 13
};
const TypeTable& types() {
  static const TypeTable table(kRows);
  return table;
}

}  // namespace t

template <>
struct nb::Codec<t::NStruct> {
  static Type type() { return t::types()[0]; }
  static bool is_zero(const t::NStruct& v) { return !v.A && v.B.empty() && v.C == 0; }
  template <class W>
  static void write(W& w, const t::NStruct& v) {
    w.begin_struct();
    if (!Codec<bool>::is_zero(v.A)) {
      w.field(0);
      Codec<bool>::write(w, v.A);
    }
    if (!Codec<std::string>::is_zero(v.B)) {
      w.field(1);
      Codec<std::string>::write(w, v.B);
    }
    if (!Codec<std::int64_t>::is_zero(v.C)) {
      w.field(2);
      Codec<std::int64_t>::write(w, v.C);
    }
    w.end_struct();
  }
  template <class R>
  static bool read(R& r, t::NStruct& v) {
    v = t::NStruct();
    if (!r.begin_struct()) return false;
    while (true) {
      switch (r.next_field()) {
        case 0:
          if (!Codec<bool>::read(r, v.A)) return false;
          break;
        case 1:
          if (!Codec<std::string>::read(r, v.B)) return false;
          break;
        case 2:
          if (!Codec<std::int64_t>::read(r, v.C)) return false;
          break;
        case R::kEnd:
          return r.end();
        default:
          return false;
      }
    }
  }
};

template <>
struct nb::Codec<t::Node> {
  static Type type() { return t::types()[4]; }
  static bool is_zero(const t::Node& v) { return v.Value == 0 && !v.Next; }
  template <class W>
  static void write(W& w, const t::Node& v);
  template <class R>
  static bool read(R& r, t::Node& v);
};
template <class W>
void nb::Codec<t::Node>::write(W& w, const t::Node& v) {
  w.begin_struct();
  if (v.Value != 0) {
    w.field(0);
    Codec<std::int32_t>::write(w, v.Value);
  }
  if (v.Next) {
    w.field(1);
    Codec<Box<t::Node>>::write(w, v.Next);
  }
  w.end_struct();
}
template <class R>
bool nb::Codec<t::Node>::read(R& r, t::Node& v) {
  v = t::Node();
  if (!r.begin_struct()) return false;
  while (true) {
    switch (r.next_field()) {
      case 0:
        if (!Codec<std::int32_t>::read(r, v.Value)) return false;
        break;
      case 1:
        if (!Codec<Box<t::Node>>::read(r, v.Next)) return false;
        break;
      case R::kEnd:
        return r.end();
      default:
        return false;
    }
  }
}
NB_INSTANTIATE_CODEC(t::Node)

template <>
struct nb::Codec<t::RecA> : nb::NamedCodec<t::RecA, std::vector<t::RecA>> {
  static Type type() { return t::types()[7]; }
};
template <>
struct nb::Codec<t::NInt16> : nb::NamedCodec<t::NInt16, std::int16_t> {
  static Type type() { return t::types()[9]; }
};
template <>
struct nb::Codec<t::NByte> : nb::NamedCodec<t::NByte, std::uint8_t> {
  static Type type() { return t::types()[11]; }
};
template <>
struct nb::Codec<t::Key> {
  static Type type() { return t::types()[13]; }
  static bool is_zero(const t::Key& v) { return v.X == 0; }
  template <class W>
  static void write(W& w, const t::Key& v) {
    w.begin_struct();
    if (v.X != 0) {
      w.field(0);
      w.floating(v.X);
    }
    w.end_struct();
  }
  template <class R>
  static bool read(R& r, t::Key& v) {
    v = t::Key();
    if (!r.begin_struct()) return false;
    for (int field = r.next_field(); field != R::kEnd; field = r.next_field()) {
      if (field != 0 || !r.floating(v.X)) return false;
    }
    return r.end();
  }
};

namespace {

template <class T>
std::string hex(const T& value) {
  const auto bytes = vom::encode(value);
  REQUIRE(bytes);
  return vom::to_hex(*bytes);
}

template <class T>
T back(const T& value) {
  const auto bytes = vom::encode(value);
  REQUIRE(bytes);
  auto decoded = vom::decode<T>(*bytes);
  REQUIRE_MESSAGE(decoded, std::string(decoded.error().message()));
  return *decoded;
}

const std::string kNStructTypes =
    "513b060023762e696f2f7632332f766f6d2f74657374646174612f74797065732e4e53747275637401030001410101e10001420103e1000143"
    "0109"
    "e1e1";

}  // namespace

TEST_CASE("a struct leaves out its zero fields") {
  CHECK(hex(t::NStruct{true, "", 0}) == "81" + kNStructTypes + "52030001e1");
  CHECK(hex(t::NStruct{true, "abc", 123}) == "81" + kNStructTypes + "520b0001010361626302fff6e1");
  CHECK(back(t::NStruct{true, "abc", 123}) == t::NStruct{true, "abc", 123});
}

TEST_CASE("the second value of a type needs no type message") {
  vom::Encoder encoder;
  REQUIRE(encoder.encode(t::NStruct{true, "", 0}));
  REQUIRE(encoder.encode(t::NStruct{false, "x", 0}));
  REQUIRE(encoder.encode(std::uint16_t{7}));
  CHECK(vom::to_hex(encoder.output()) == "81" + kNStructTypes + "52030001e1" + "5204010178e1" + "0807");
  CHECK(vom::to_hex(encoder.take()) == "81" + kNStructTypes + "52030001e1" + "5204010178e1" + "0807");
  REQUIRE(encoder.encode(std::uint16_t{7}));
  CHECK(vom::to_hex(encoder.take()) == "0807");
}

TEST_CASE("optionals are nil or the value without a mark") {
  const std::string types = "81533b" + kNStructTypes.substr(4) + "510408012ae1";
  CHECK(hex(std::optional<t::NStruct>()) == types + "5201e0");
  CHECK(hex(std::optional<t::NStruct>(t::NStruct{true, "", 0})) == types + "52030001e1");
  CHECK(back(std::optional<t::NStruct>(t::NStruct{})) == std::optional<t::NStruct>(t::NStruct{}));
}

TEST_CASE("recursive structs and lists go there and back") {
  t::Node node{1, t::Node{2, t::Node{3, {}}}};
  CHECK(back(node) == node);
  const t::RecA rec{{}, {{}}};
  CHECK(hex(rec) ==
        "81510c030006742e526563410129e1"
        "520402000100");
  CHECK(back(rec) == rec);
}

TEST_CASE("named numbers, also as packed bytes") {
  CHECK(hex(t::NInt16(-1)) ==
        "81510e000008742e4e496e7431360107e1"
        "5201");
  CHECK(back(t::NInt16(-1)) == t::NInt16(-1));
  const std::vector<t::NByte> bytes{t::NByte(200), t::NByte(1)};
  CHECK(hex(bytes).ends_with("02c801"));
  CHECK(back(bytes) == bytes);
  const std::array<std::uint8_t, 4> array{1, 2, 3, 250};
  CHECK(back(array) == array);
  CHECK(back(Map<std::uint8_t, std::uint8_t>{{200, 201}}) == Map<std::uint8_t, std::uint8_t>{{200, 201}});
  CHECK(hex(Map<std::uint8_t, std::uint8_t>{{200, 201}}).ends_with("01ffc8ffc9"));
}

TEST_CASE("lists of booleans, nested containers, floats at their edges") {
  CHECK(back(std::vector<bool>{true, false, true}) == std::vector<bool>{true, false, true});
  const Map<std::string, std::vector<std::int32_t>> map{{"a", {1, -1}}, {"", {}}};
  CHECK(back(map) == map);
  CHECK(hex(-0.0) == "8116ff80");
  CHECK(hex(0.1f) == "8114fba09999b93f");
  CHECK(std::isnan(back(std::numeric_limits<double>::quiet_NaN())));
  CHECK(back(-std::numeric_limits<float>::infinity()) == -std::numeric_limits<float>::infinity());
  CHECK_FALSE(
      vom::decode<float>(vom::from_hex("8114"
                                       "f89c7500883ce4377e")));  // 1e300 in a float32
}

TEST_CASE("keys with NaN inside are ordered") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Map<t::Key, std::int32_t> map;
  map[t::Key{1}] = 1;
  map[t::Key{nan}] = 2;
  map[t::Key{-1}] = 3;
  map[t::Key{nan}] = 4;
  CHECK(map.size() == 3);
  CHECK(map.rbegin()->second == 4);
  Set<double> set{nan, 0.0, -0.0, 5, nan};
  CHECK(set.size() == 3);
  CHECK(back(set).size() == 3);
}

TEST_CASE("an any refers to its type in the message's list") {
  const std::vector<Any> anys{Any(t::NInt16(1)), Any(std::int32_t{2}), Any(), Any(t::NInt16(3))};
  const auto bytes = vom::encode(anys);
  REQUIRE(bytes);
  CHECK(
      vom::to_hex(*bytes).ends_with("52022a08"
                                    "03010101"
                                    "0b"
                                    "04"
                                    "000002"
                                    "010104"
                                    "e0"
                                    "000206"));
  const auto decoded = vom::decode<std::vector<Any>>(*bytes);
  REQUIRE(decoded);
  CHECK(*decoded == anys);
  CHECK(*(*decoded)[1].as<std::int64_t>() == 2);
  CHECK_FALSE((*decoded)[2].as<std::int64_t>());
  CHECK((*decoded)[0].type() == Codec<t::NInt16>::type());
}

TEST_CASE("nested anys are numbered from outside in") {
  const std::optional<t::NStruct> some(t::NStruct{true, "", 0}), none;
  const std::vector<Any> inner{Any(true), Any()};
  const std::vector<Any> outer{Any(), Any(some), Any(none), Any(inner), Any(Type::boolean())};
  vom::TypeEncoder types;
  types.id_of(Codec<t::NStruct>::type());                 // 41
  types.id_of(Codec<std::vector<Any>>::type());           // 42
  types.id_of(Codec<std::optional<t::NStruct>>::type());  // 43
  vom::Encoder encoder(types);
  REQUIRE(encoder.encode(outer));
  CHECK(vom::to_hex(encoder.take()) ==
        "81"
        "54"
        "042b2a010e"
        "050301050101"
        "14"
        "05"
        "e0"
        "00000001e1"
        "0001e0"
        "010202020301e0"
        "030402");
}

TEST_CASE("undecoded anys move between streams, renumbered") {
  const std::vector<Any> inner{Any(std::string("abc")), Any(t::NStruct{true, "x", 1}), Any(Type::list(Type::int8()))};
  const auto first = vom::encode(std::vector<Any>{Any(std::int64_t{1}), Any(inner), Any(t::NStruct{})});
  REQUIRE(first);
  const auto undecoded = vom::decode<std::vector<Any>>(*first);
  REQUIRE(undecoded);
  CHECK((*undecoded)[1].undecoded() != nullptr);
  const auto second = vom::encode(std::vector<Any>{(*undecoded)[2], (*undecoded)[1]});
  REQUIRE(second);
  const auto expected = vom::encode(std::vector<Any>{Any(t::NStruct{}), Any(inner)});
  CHECK(vom::to_hex(*second) == vom::to_hex(*expected));
}

TEST_CASE("a malformed undecoded any is found when it is asked for, and is not passed on") {
  // []any{string}, whose body says length 5 and has 1 byte
  const auto list =
      vom::decode<std::vector<Any>>(vom::from_hex("81510403010fe1"
                                                  "520103"
                                                  "0102"
                                                  "0501"
                                                  "00000561"));
  REQUIRE_MESSAGE(list, std::string(list.error().message()));
  CHECK_FALSE((*list)[0].as<std::string>());
  CHECK_FALSE(vom::encode(*list));
  CHECK_FALSE((*list)[0] == (*list)[0]);
}

TEST_CASE("a value of another type is converted by name") {
  const auto bytes = vom::encode(t::NStruct{true, "7", 5});
  TypeBuilder builder;
  const auto other = builder.named("t.Other");
  builder.set_struct(other, {{"C", builder.ref(Type::float64())}, {"B", builder.ref(Type::any())}});
  const Type type = (*builder.build())[0];
  const auto converted = convert(*vom::decode<Value>(*bytes), type);
  REQUIRE(converted);
  CHECK(converted->to_string() == "t.Other{C: 5, B: \"7\"}");
  CHECK(*vom::decode<t::NStruct>(*vom::encode(*converted)) == t::NStruct{false, "7", 5});
  CHECK(*vom::decode<std::int8_t>(*vom::encode(std::uint64_t{127})) == 127);
  CHECK_FALSE(vom::decode<std::int8_t>(*vom::encode(std::uint64_t{128})));
  CHECK_FALSE(vom::decode<std::string>(*vom::encode(true)));
}

TEST_CASE("an error travels as the reference encodes it") {
  const Error error("id1", RetryBackoff, "m",
                    std::make_shared<ErrorParamList>(std::vector<Any>{Any("x"), Any(std::int32_t{5})}));
  CHECK(hex(std::optional<Error>(error)) ==
        "81555201001a762e696f2f7632332f76646c2e576972655265747279436f64650104074e6f52657472790f5265747279436f6e6e656374"
        "696f"
        "6e0c5265747279526566657463680c52657472794261636b6f6666e1570403010fe15347060016762e696f2f7632332f76646c2e576972"
        "6545"
        "72726f720104000249640103e100095265747279436f6465012be100034d73670103e10009506172616d4c697374012ce1e1510408012a"
        "e152"
        "020308020201140003696431010302016d03020000017801010ae1");
  const auto decoded = back(std::optional<Error>(error));
  REQUIRE(decoded);
  CHECK(*decoded == error);
  CHECK(hex(std::optional<Error>()).ends_with("52000001e0"));
  // A plain WireError instead of an optional one is accepted as well.
  Value wire = vom::decode<Value>(*vom::encode(std::optional<Error>(error)))->elem();
  CHECK(*vom::decode<std::optional<Error>>(*vom::encode(wire)) == error);
}

TEST_CASE("times and durations have their wire form") {
  CHECK(hex(Time()).ends_with("5201e1"));
  CHECK(hex(Time::from({})).ends_with("00fb1cef23ee00e1"));
  CHECK(hex(Time(Time::kUnixEpoch, 1)).ends_with("00fb1cef23ee000102e1"));
  CHECK(hex(std::chrono::nanoseconds(1'500'000'000)).ends_with("000201fc3b9aca00e1"));
  CHECK(hex(std::chrono::nanoseconds(-1'500'000'000)).ends_with("000101fc3b9ac9ffe1"));
  for (const auto nanos : {INT64_MAX, INT64_MIN, std::int64_t{0}, std::int64_t{-1}}) {
    CHECK(back(std::chrono::nanoseconds(nanos)).count() == nanos);
  }
  CHECK(back(Deadline::after(std::chrono::seconds(1))).has_value());
  CHECK_FALSE(back(Deadline()).has_value());
  CHECK(hex(Deadline::after(std::chrono::nanoseconds(0)))
            .ends_with("00"
                       "0102e1"
                       "e1"));
}

TEST_CASE("one failed value does not end the stream") {
  vom::Decoder decoder;
  decoder.feed(
      vom::from_hex("8108fd010000"
                    "0807"));
  REQUIRE(decoder.step().kind == vom::Step::kValue);
  CHECK_FALSE(decoder.value<std::uint16_t>());
  CHECK(*decoder.next<std::uint16_t>() == 7);
}

TEST_CASE("a failed encode leaves the stream usable") {
  vom::Encoder encoder;
  const auto list =
      vom::decode<std::vector<Any>>(vom::from_hex("81510403010fe1"
                                                  "520103"
                                                  "0102"
                                                  "0501"
                                                  "00000561"));
  REQUIRE(list);
  CHECK_FALSE(encoder.encode(*list));
  REQUIRE(encoder.encode(std::vector<Any>{Any(std::int8_t{1})}));
  const auto decoded = vom::decode<std::vector<Any>>(encoder.take());
  REQUIRE_MESSAGE(decoded, std::string(decoded.error().message()));
}

TEST_CASE("what was cleared before it was taken counts as never written") {
  const std::vector<Any> malformed =
      *vom::decode<std::vector<Any>>(vom::from_hex("81510403010fe1"
                                                   "520103"
                                                   "0102"
                                                   "0501"
                                                   "00000561"));
  vom::TypeEncoder types;
  vom::Encoder values(types);
  CHECK_FALSE(values.encode(malformed));
  values.clear();
  REQUIRE(values.encode(std::int16_t{-4}));
  CHECK(vom::to_hex(values.take()) == "810e07");
  REQUIRE(values.encode(std::int16_t{-4}));
  values.clear();
  REQUIRE(values.encode(std::int16_t{-4}));
  CHECK(vom::to_hex(values.take()) == "0e07");

  // With the types in the same stream these are gone too.
  vom::Encoder encoder;
  vom::Decoder decoder;
  CHECK_FALSE(encoder.encode(malformed));
  encoder.clear();
  REQUIRE(encoder.encode(t::Key{1}));
  encoder.clear();
  REQUIRE(encoder.encode(t::NStruct{true, "a", 1}));
  decoder.feed(encoder.take());
  CHECK(decoder.next<t::NStruct>().ok());
  REQUIRE(encoder.encode(t::Key{1}));
  CHECK_FALSE(encoder.encode(malformed));
  encoder.clear();
  REQUIRE(encoder.encode(t::NStruct{true, "b", 1}));
  REQUIRE(encoder.encode(t::Key{2}));
  decoder.feed(encoder.take());
  CHECK(decoder.next<t::NStruct>().ok());
  const auto key = decoder.next<t::Key>();
  REQUIRE_MESSAGE(key, std::string(key.error().message()));
  CHECK(key->X == 2);
}

TEST_CASE("long bodies and long lists of types are moved into place") {
  for (const std::size_t size : {1u, 100u, 127u, 128u, 1000u, 100000u}) {
    vom::Encoder encoder;
    for (int i = 0; i < 3; ++i) REQUIRE(encoder.encode(t::NStruct{true, std::string(size, 'x'), i}));
    vom::Decoder decoder;
    decoder.feed(encoder.take());
    for (int i = 0; i < 3; ++i) CHECK(*decoder.next<t::NStruct>() == t::NStruct{true, std::string(size, 'x'), i});
  }
  std::vector<Any> anys;
  Type type = Type::int8();
  for (int i = 0; i < 60; ++i) {
    type = Type::list(type);
    anys.emplace_back(Value(type));
  }
  vom::Encoder encoder;
  for (int i = 0; i < 3; ++i) REQUIRE(encoder.encode(anys));
  vom::Decoder decoder;
  decoder.feed(encoder.take());
  for (int i = 0; i < 3; ++i) CHECK(*decoder.next<std::vector<Any>>() == anys);
}

TEST_CASE("varints, forth and back") {
  for (const auto value : {0ull, 1ull, 127ull, 128ull, 255ull, 256ull, 65535ull, 65536ull, 4294967295ull, 4294967296ull,
                           72057594037927935ull, 72057594037927936ull, 18446744073709551615ull}) {
    std::uint8_t bytes[vom::kMaxUvarBytes];
    const auto* end = vom::put_uvar(bytes, value);
    CHECK(static_cast<std::size_t>(end - bytes) == vom::uvar_size(value));
    std::uint64_t read = 0;
    CHECK(vom::get_uvar(bytes, end, read) == end);
    CHECK(read == value);
    if (end - bytes > 1) CHECK(vom::get_uvar(bytes, end - 1, read) == nullptr);
  }
  constexpr auto constant = [] {
    std::uint8_t bytes[vom::kMaxUvarBytes]{};
    vom::put_uvar(bytes, 256);
    std::uint64_t value = 0;
    vom::get_uvar(bytes, bytes + 9, value);
    return value;
  }();
  static_assert(constant == 256);
  static_assert(vom::fold_sign(-1) == 1 && vom::unfold_sign(255) == -128 && vom::fold_sign(INT64_MIN) == UINT64_MAX);
}

TEST_CASE("a stream that begins as expected is read like any other") {
  vom::Encoder encoder;
  REQUIRE(encoder.encode(t::Node{1, t::Node{2, {}}}));
  REQUIRE(encoder.encode(t::NStruct{true, "x", 1}));
  REQUIRE(encoder.encode(std::vector<t::Node>{{}, {}}));
  const Bytes stream = encoder.take();
  for (const Type& expected :
       {Codec<t::Node>::type(), Codec<t::NStruct>::type(), Type::int8(), Type::list(Type::int8())}) {
    for (const std::size_t first : {std::size_t{1}, std::size_t{20}, stream.size()}) {
      vom::Decoder decoder;
      decoder.expect(expected);
      decoder.feed(BytesView(stream).first(first));
      (void)decoder.step();
      decoder.feed(BytesView(stream).subspan(first));
      CHECK(*decoder.next<t::Node>() == t::Node{1, t::Node{2, {}}});
      CHECK(*decoder.next<t::NStruct>() == t::NStruct{true, "x", 1});
      CHECK(decoder.next<std::vector<t::Node>>()->size() == 2);
      decoder.finish();
      CHECK(decoder.step().kind == vom::Step::kEnd);
    }
  }
  // A type id of the expected beginning cannot be defined again.
  Bytes twice = *vom::encode(t::RecA());
  const Bytes again(twice.begin() + 1, twice.end());
  twice.insert(twice.end(), again.begin(), again.end());
  vom::Decoder decoder;
  decoder.expect(Codec<t::RecA>::type());
  decoder.feed(twice);
  CHECK(decoder.next<t::RecA>());
  CHECK(decoder.step().kind == vom::Step::kError);
}

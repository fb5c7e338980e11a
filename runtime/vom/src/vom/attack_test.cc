// Hostile input (docs/spec/vom.md 12.1): every case ends quickly, in bounded memory, with an error or a harmless value.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <chrono>
#include <string>

#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

#include "vom/test_vectors.h"
#include "vom/wire_type.h"

using namespace nb;
using namespace nb::vom;

namespace {

// Counts what a case costs; both bounds are generous for sanitizers and slow machines.
class Bounds {
 public:
  ~Bounds() {
    const auto spent = std::chrono::steady_clock::now() - begin_;
    CHECK(spent < std::chrono::seconds(5));
    CHECK(peak_kib() - peak_ < 400 * 1024);
  }

 private:
  static long peak_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  }
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  long peak_ = peak_kib();
};

class Stream {
 public:
  Bytes bytes{0x81};
  Stream& type(TypeId id, const WireType& type, bool incomplete = false) {
    Bytes body;
    append_wire_type(body, type);
    if (incomplete) bytes.push_back(0xe2);
    append_uvar(bytes, fold_sign(-static_cast<std::int64_t>(id)));
    append_uvar(bytes, body.size());
    bytes.insert(bytes.end(), body.begin(), body.end());
    return *this;
  }
  Stream& value(TypeId id, const Bytes& body, bool with_length = true) {
    append_uvar(bytes, fold_sign(static_cast<std::int64_t>(id)));
    if (with_length) append_uvar(bytes, body.size());
    bytes.insert(bytes.end(), body.begin(), body.end());
    return *this;
  }
};

WireType list_of(TypeId elem, std::string name = "") {
  WireType type;
  type.kind = WireKind::kList;
  type.elem = elem;
  type.name = std::move(name);
  return type;
}

WireType struct_of(std::vector<WireType::Field> fields, std::string name = "") {
  WireType type;
  type.kind = WireKind::kStruct;
  type.fields = std::move(fields);
  type.name = std::move(name);
  return type;
}

}  // namespace

TEST_CASE("types that double with every level stay small, unnamed") {
  const Bounds bounds;
  Stream stream;
  TypeId last = 1;
  for (TypeId id = 41; id < 41 + 90; ++id) {
    stream.type(id, struct_of({{"A", last}, {"B", last}}));
    last = id;
  }
  CHECK_FALSE(decode<Value>(stream.value(last, {0xe1}).bytes));  // its zero value would be 2^90 cells
  // Through lists nothing is inline, and the type is accepted; its unique string is cut.
  Stream lists;
  last = 1;
  for (TypeId id = 41; id < 41 + 80; id += 2) {
    lists.type(id, struct_of({{"A", last}, {"B", last}}));
    lists.type(id + 1, list_of(id));
    last = id + 1;
  }
  const auto value = decode<Value>(lists.value(last, {0x00}).bytes);
  REQUIRE_MESSAGE(value, std::string(value.error().message()));
  CHECK(value->type().to_string().size() < (2u << 20));
  CHECK(compatible(value->type(), value->type()));
}

TEST_CASE("types that double with every level stay small, named") {
  const Bounds bounds;
  Stream stream;
  TypeId last = 1;
  for (TypeId id = 41; id < 41 + 80; id += 2) {
    stream.type(id, struct_of({{"A", last}, {"B", last}}, "t.N" + std::to_string(id)));
    stream.type(id + 1, list_of(id));
    last = id + 1;
  }
  CHECK(decode<Value>(stream.value(last, {0x00}).bytes));
}

TEST_CASE("a long chain of unnamed list types is rejected") {
  const Bounds bounds;
  Stream stream;
  for (TypeId id = 41; id < 41 + 400; ++id) stream.type(id, list_of(id == 41 ? 1 : id - 1));
  CHECK_FALSE(decode<Value>(stream.value(440, {0x00}).bytes));
}

TEST_CASE("a long chain of incomplete types is rejected without recursion") {
  const Bounds bounds;
  Stream stream;
  const TypeId end = 41 + 4000;
  for (TypeId id = 41; id < end; ++id) stream.type(id, list_of(id + 1), true);
  stream.type(end, list_of(41, "t.End"));
  Limits limits;
  limits.max_pending_types = 5000;
  CHECK_FALSE(decode<Value>(stream.value(41, {0x00}).bytes, Trailing::kReject, limits));
}

TEST_CASE("many incomplete types that never complete are rejected") {
  const Bounds bounds;
  Stream stream;
  for (TypeId id = 41; id < 41 + 100000; ++id) stream.type(id, list_of(1000000), true);
  const auto value = decode<Value>(stream.value(41, {0x00}).bytes);
  REQUIRE_FALSE(value);
  CHECK(value.error().message().find("max_pending_types") != std::string_view::npos);
}

TEST_CASE("a stream of types is limited in all, and each of its messages") {
  const Bounds bounds;
  // An enum whose one label fills most of the message.
  const auto big_enum = [](TypeId id, std::size_t labels) {
    WireType type;
    type.kind = WireKind::kEnum;
    type.name = "t.E" + std::to_string(id);
    for (std::size_t i = 0; i < labels; ++i) type.labels.push_back("L" + std::to_string(i) + std::string(900, 'x'));
    return type;
  };
  for (const bool incomplete : {false, true}) {
    Stream stream;
    for (TypeId id = 41; id < 41 + 100; ++id) stream.type(id, big_enum(id, 100), incomplete);
    TypeDecoder types;
    const auto fed = types.feed(stream.bytes);
    REQUIRE_FALSE(fed);
    CHECK(fed.error().message().find("max_type_stream_bytes") != std::string_view::npos);
    // In one stream with the values too.
    const auto value = decode<Value>(stream.value(41, {0x00}, false).bytes);
    REQUIRE_FALSE(value);
    CHECK(value.error().message().find("max_type_stream_bytes") != std::string_view::npos);
  }
  Stream stream;
  TypeDecoder types;
  const auto fed = types.feed(stream.type(41, big_enum(41, 2000)).bytes);
  REQUIRE_FALSE(fed);
  CHECK(fed.error().message().find("max_type_message_bytes") != std::string_view::npos);
}

TEST_CASE("parts of types that have no name take no memory") {
  const Bounds bounds;
  Stream stream;
  WireType type;
  type.kind = WireKind::kStruct;
  type.fields.resize(60000);
  TypeDecoder types;
  const auto fed = types.feed(stream.type(41, type, true).bytes);
  CHECK_FALSE(fed);
  type.kind = WireKind::kEnum;
  type.fields.clear();
  type.labels.resize(60000);
  Stream labels;
  CHECK_FALSE(TypeDecoder().feed(labels.type(41, type, true).bytes));
}

TEST_CASE("more types than the limit are rejected") {
  const Bounds bounds;
  Limits limits;
  limits.max_types = 1000;
  Stream stream;
  for (TypeId id = 41; id < 41 + 2000; ++id) stream.type(id, list_of(1, "t.L" + std::to_string(id)));
  CHECK_FALSE(decode<Value>(stream.value(41, {0x00}).bytes, Trailing::kReject, limits));
}

TEST_CASE("an array of 2^30 bytes inside a struct is rejected before it is made") {
  const Bounds bounds;
  Stream stream;
  WireType array;
  array.kind = WireKind::kArray;
  array.elem = 2;
  array.len = 1u << 30;
  stream.type(41, array).type(42, struct_of({{"A", 41}}));
  CHECK_FALSE(decode<Value>(stream.value(42, {0xe1}).bytes));
}

TEST_CASE("arrays whose lengths multiply are rejected") {
  const Bounds bounds;
  Stream stream;
  TypeId last = 1;
  for (TypeId id = 41; id < 51; ++id) {
    WireType array;
    array.kind = WireKind::kArray;
    array.elem = last;
    array.len = 1u << 20;
    stream.type(id, array);
    last = id;
  }
  CHECK_FALSE(decode<Value>(stream.value(last, {0x00}).bytes));
}

TEST_CASE("small messages that stand for large values are limited by memory") {
  const Bounds bounds;
  Limits limits;
  limits.max_decoded_bytes = 64u << 20;
  Stream stream;
  std::vector<WireType::Field> fields;
  for (int i = 0; i < 60000; ++i) fields.push_back({"F" + std::to_string(i), 1});
  stream.type(41, struct_of(std::move(fields))).type(42, list_of(41));
  Stream zeros = stream;
  Bytes body;
  append_uvar(body, 10000);
  for (int i = 0; i < 10000; ++i) body.insert(body.end(), {0x00, 0x01, 0xe1});
  stream.value(42, body);
  CHECK_FALSE(decode<Value>(stream.bytes, Trailing::kReject, limits));
  // All zero they share one value.
  body.clear();
  append_uvar(body, 100000);
  body.insert(body.end(), 100000, 0xe1);
  const auto value = decode<Value>(zeros.value(42, body).bytes, Trailing::kReject, limits);
  REQUIRE_MESSAGE(value, std::string(value.error().message()));
  CHECK(value->size() == 100000);
}

TEST_CASE("eight million nested lists are an error, not a stack overflow") {
  const Bounds bounds;
  Stream stream;
  stream.type(41, list_of(41, "t.RecA"));
  Bytes body(8'000'000, 0x01);
  body.back() = 0x00;
  stream.value(41, body);
  const auto value = decode<Value>(stream.bytes);
  REQUIRE_FALSE(value);
  CHECK(value.error().message().find("nested too deeply") != std::string_view::npos);
  const auto any = decode<Any>(stream.bytes);
  REQUIRE(any);
  CHECK_FALSE(any->vdl());
}

TEST_CASE("anys inside each other count as nesting") {
  const Bounds bounds;
  // []any: each level is a list of one any that holds the next
  Bytes body;
  Bytes lengths;
  constexpr int kLevels = 5000;
  // From inside out: level k's body is 01 00 uvar(k+1) …
  std::vector<Bytes> bodies{{0x00}};
  for (int level = kLevels; level-- > 0;) {
    Bytes outer{0x01, 0x00};
    append_uvar(outer, static_cast<std::uint64_t>(level));
    outer.insert(outer.end(), bodies.back().begin(), bodies.back().end());
    bodies.push_back(std::move(outer));
  }
  Stream stream;
  stream.type(41, list_of(15));
  append_uvar(stream.bytes, fold_sign(41));
  append_uvar(stream.bytes, 1);
  append_uvar(stream.bytes, 41);
  append_uvar(stream.bytes, kLevels);
  for (int level = 0; level < kLevels; ++level) {
    append_uvar(stream.bytes, bodies[static_cast<std::size_t>(kLevels - 1 - level)].size());
  }
  append_uvar(stream.bytes, bodies.back().size());
  stream.bytes.insert(stream.bytes.end(), bodies.back().begin(), bodies.back().end());
  const auto value = decode<Value>(stream.bytes);
  REQUIRE_FALSE(value);
  CHECK(value.error().message().find("nested too deeply") != std::string_view::npos);
}

TEST_CASE("counts and lengths beyond what is there reserve nothing") {
  const Bounds bounds;
  CHECK_FALSE(decode<Value>(from_hex("814efc40000000")));
  CHECK_FALSE(decode<Bytes>(from_hex("814efc40000000")));
  CHECK_FALSE(decode<std::vector<std::int64_t>>(from_hex("815104030109e15205fc3fffffff")));
  CHECK_FALSE(decode<Map<std::int64_t, std::int64_t>>(from_hex("8151060501090209e15205fc3fffffff")));
  CHECK_FALSE(decode<Value>(from_hex("8106f87fffffffffffffff")));
  // A message length of 2^63, and one beyond the limit that never comes.
  CHECK_FALSE(decode<Value>(from_hex("815104030101e152f88000000000000000")));
  Limits limits;
  limits.max_message_bytes = 100;
  Decoder decoder(limits);
  decoder.feed(from_hex("815104030101e152ff65"));
  CHECK(decoder.step().kind == Step::kError);
}

TEST_CASE("types of a peer go with their decoder, and stay while somebody holds one") {
  const Bounds bounds;
  Type kept;
  {
    TypeDecoder types;
    REQUIRE(
        types.feed(from_hex("81"
                            "5109030003742e510129e1")));
    kept = *types.find(41);
  }
  CHECK(kept.to_string() == "t.Q []t.Q");
  const Type list = Type::list(kept);
  CHECK(list.to_string() == "[]t.Q []t.Q");
  CHECK(list.elem() == kept);
  // Equal types of two connections are equal, wherever they live.
  TypeDecoder other;
  REQUIRE(
      other.feed(from_hex("81"
                          "5109030003742e510129e1")));
  CHECK(*other.find(41) == kept);
  CHECK(other.find(41)->node() != kept.node());
}

TEST_CASE("errors on the stream of types are for ever and reach the values") {
  TypeDecoder types;
  Decoder decoder(types);
  decoder.feed(from_hex("815200"));
  CHECK(decoder.step().kind == Step::kNeedType);
  CHECK_FALSE(types.feed(from_hex("81ff")).ok() == false);  // cut short so far
  CHECK_FALSE(types.feed(from_hex("0000")));
  CHECK_FALSE(types.feed(from_hex("00")));
  CHECK(decoder.step().kind == Step::kError);

  TypeDecoder ending;
  Decoder waiting(ending);
  waiting.feed(from_hex("815200"));
  REQUIRE(ending.finish());
  const Step step = waiting.step();
  CHECK(step.kind == Step::kError);

  TypeDecoder cut;
  REQUIRE(cut.feed(from_hex("81510403")));
  CHECK_FALSE(cut.finish());
}

TEST_CASE("a type message among values, and a value among types, are errors") {
  TypeDecoder types;
  Decoder decoder(types);
  decoder.feed(from_hex("815104030101e1"));
  CHECK(decoder.step().kind == Step::kError);
  CHECK_FALSE(types.feed(from_hex("810201")));
}

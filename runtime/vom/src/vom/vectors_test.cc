// The golden vectors, generically: bytes to a dynamic value and back (docs/spec/vom.md 13.4).
#include <doctest/doctest.h>

#include <string>

#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

#include "vom/test_vectors.h"

using namespace nb;
using namespace nb::vom;

namespace {

std::vector<Vector> all_vectors() {
  auto vectors = load_vectors("vom81.json");
  for (auto& vector : load_vectors("vomtest81.json")) vectors.push_back(std::move(vector));
  return vectors;
}

}  // namespace

TEST_CASE("there are as many vectors as the specification says") {
  CHECK(load_vectors("vom81.json").size() == 264);
  CHECK(load_vectors("vomtest81.json").size() == 1116);
  CHECK(load_vectors("vom80.json").size() == 256);
  CHECK(load_conversions().size() == 2320);
  CHECK(load_robust().size() == 82);
}

TEST_CASE("every vector decodes to a dynamic value of its type and encodes to the same bytes") {
  for (const auto& vector : all_vectors()) {
    CAPTURE(vector.name);
    const auto value = decode<Value>(vector.stream);
    REQUIRE_MESSAGE(value, std::string(value.error().message()));
    CHECK(value->type().to_string() == vector.type);
    const auto again = encode(*value);
    REQUIRE(again);
    CHECK(to_hex(*again) == to_hex(vector.stream));
  }
}

TEST_CASE("every vector decodes to an undecoded any and encodes to the same bytes") {
  for (const auto& vector : all_vectors()) {
    CAPTURE(vector.name);
    const auto any = decode<Any>(vector.stream);
    REQUIRE_MESSAGE(any, std::string(any.error().message()));
    const auto again = encode(*any);
    REQUIRE(again);
    CHECK(to_hex(*again) == to_hex(vector.stream));
    CHECK(*any == Any(*decode<Value>(vector.stream)));
  }
}

TEST_CASE("every vector is written and read with types and values on streams of their own") {
  for (const auto& vector : all_vectors()) {
    CAPTURE(vector.name);
    Bytes types_stream = vector.types, value_stream = vector.version;
    if (!types_stream.empty()) types_stream.insert(types_stream.begin(), vector.version.begin(), vector.version.end());
    value_stream.insert(value_stream.end(), vector.value.begin(), vector.value.end());

    TypeDecoder types;
    Decoder decoder(types);
    decoder.feed(value_stream);
    if (!types_stream.empty()) {
      // The value came first: which type is missing is known, and nothing is lost by asking.
      const Step early = decoder.step();
      CHECK(early.kind == Step::kNeedType);
      CHECK(early.type_id >= 41);
    }
    REQUIRE(types.feed(types_stream));
    const Step step = decoder.step();
    REQUIRE(step.kind == Step::kValue);
    const auto value = decoder.value<Value>();
    REQUIRE(value);
    CHECK(value->type().to_string() == vector.type);

    TypeEncoder type_encoder;
    Encoder encoder(type_encoder);
    REQUIRE(encoder.encode(*value));
    CHECK(to_hex(type_encoder.take()) == to_hex(types_stream));
    CHECK(to_hex(encoder.take()) == to_hex(value_stream));
  }
}

// Long vectors repeat the same types over and over, and each prefix is decoded anew. So of those over 256 bytes each is
// cut at one byte in 16, and another one in the next vector; near their end, where the values are, at each.
TEST_CASE("every proper prefix of a vector is incomplete, and malformed once nothing more comes") {
  std::size_t number = 0;
  for (const auto& vector : all_vectors()) {
    CAPTURE(vector.name);
    ++number;
    for (std::size_t size = 0; size < vector.stream.size(); ++size) {
      const bool is_cut_here =
          vector.stream.size() <= 256 || size + 64 >= vector.stream.size() || size % 16 == number % 16;
      if (!is_cut_here) continue;
      const BytesView prefix = BytesView(vector.stream).first(size);
      Decoder decoder;
      decoder.feed(prefix);
      const auto before = decoder.step().kind;
      if (before != Step::kNeedBytes) FAIL("prefix of ", size, " bytes: step ", static_cast<int>(before));
      if (decode<Value>(prefix)) FAIL("prefix of ", size, " bytes decodes");
    }
  }
}

TEST_CASE("every vector decodes in six ways of delivery") {
  for (const auto& vector : all_vectors()) {
    CAPTURE(vector.name);
    const auto expected = decode<Value>(vector.stream);
    REQUIRE(expected);
    for (const std::size_t piece : {vector.stream.size(), vector.stream.size() / 2 + 1, std::size_t{1}}) {
      for (const bool end_with_last : {true, false}) {
        Decoder decoder;
        Step step;
        std::size_t at = 0;
        while ((step = decoder.step()).kind == Step::kNeedBytes && at < vector.stream.size()) {
          const auto count = std::min(piece, vector.stream.size() - at);
          decoder.feed(BytesView(vector.stream).subspan(at, count));
          at += count;
          if (end_with_last && at == vector.stream.size()) decoder.finish();
        }
        REQUIRE(step.kind == Step::kValue);
        CHECK(at == vector.stream.size());
        const auto value = decoder.value<Value>();
        REQUIRE(value);
        const auto bytes = encode(*value);
        REQUIRE(bytes);
        CHECK(*bytes == vector.stream);
        CHECK(decoder.step().kind == (end_with_last ? Step::kEnd : Step::kNeedBytes));
        decoder.finish();
        CHECK(decoder.step().kind == Step::kEnd);
      }
    }
  }
}

TEST_CASE("a dynamic value is spelled as the vector's expression") {
  // Apart from the package path, the vectors' expressions are what to_string() gives.
  const std::string path = "v.io/v23/vom/testdata/";
  int same = 0;
  for (const auto& vector : load_vectors("vom81.json")) {
    const auto value = decode<Value>(vector.stream);
    REQUIRE(value);
    std::string text = value->to_string();
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) text.erase(at, path.size());
    CHECK(text == vector.expr);
    same += text == vector.expr;
  }
  CHECK(same == 264);
}

TEST_CASE("every conversion of the reference's pass table gives its target") {
  for (const auto& conversion : load_conversions()) {
    CAPTURE(conversion.name);
    const auto source = decode<Value>(conversion.source);
    const auto target = decode<Value>(conversion.target);
    REQUIRE_MESSAGE(source, std::string(source.error().message()));
    REQUIRE_MESSAGE(target, std::string(target.error().message()));
    const auto converted = convert(*source, target->type());
    REQUIRE_MESSAGE(converted, std::string(converted.error().message()));
    CHECK(*converted == *target);
    CHECK(converted->type() == target->type());
  }
}

TEST_CASE("streams of version 0x80 decode when they are asked for") {
  Limits limits;
  limits.accept_version_80 = true;
  for (const auto& vector : load_vectors("vom80.json")) {
    CAPTURE(vector.name);
    CHECK_FALSE(decode<Value>(vector.stream));
    const auto value = decode<Value>(vector.stream, Trailing::kReject, limits);
    REQUIRE_MESSAGE(value, std::string(value.error().message()));
    CHECK(value->type().to_string() == vector.type);
  }
  // The same values under 0x81, by name; names may occur twice with equal values.
  std::map<std::string, Bytes> current;
  for (const auto& vector : load_vectors("vom81.json")) current.emplace(vector.name, vector.stream);
  int compared = 0;
  for (const auto& vector : load_vectors("vom80.json")) {
    const auto found = current.find(vector.name);
    if (found == current.end()) continue;
    const auto value = decode<Value>(vector.stream, Trailing::kReject, limits);
    CHECK(to_hex(*encode(*value)) == to_hex(found->second));
    ++compared;
  }
  CHECK(compared == 256);
}

TEST_CASE("the robustness vectors are accepted and rejected as the specification wants") {
  for (const auto& robust : load_robust()) {
    CAPTURE(robust.name);
    const auto value = decode<Value>(robust.stream);
    const std::string text = value ? value->to_string() : std::string(value.error().message());
    CAPTURE(text);
    const auto any = decode<Any>(robust.stream);
    const bool undecoded_fine = any && any->vdl();
    CHECK(value.ok() == undecoded_fine);
    if (robust.want == "accept") {
      CHECK(value.ok());
      if (value && robust.value.front() != '{' && robust.value.find("t.") == std::string::npos &&
          robust.value != "any") {
        CHECK_MESSAGE(text == robust.value, robust.name);
      }
    } else if (robust.want == "reject") {
      CHECK_FALSE(value.ok());
    }
  }
}

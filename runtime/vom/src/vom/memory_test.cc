// Memory that values from outside take, beyond the bytes they come in: Limits::max_decoded_bytes.
#include <doctest/doctest.h>

#include <string>

#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

#include "vom/test_vectors.h"
#include "vom/wire_type.h"

using namespace nb;
using namespace nb::vom;

namespace {

constexpr std::size_t kElements = 100'000;

// A list, set or map of so many small elements, in a stream.
Bytes many(const std::string& begin, const std::string& element, std::size_t count = kElements) {
  Bytes body;
  append_uvar(body, count);
  const Bytes one = from_hex(element);
  for (std::size_t i = 0; i < count; ++i) body.insert(body.end(), one.begin(), one.end());
  Bytes stream = from_hex(begin);
  append_uvar(stream, body.size());
  stream.insert(stream.end(), body.begin(), body.end());
  return stream;
}

template <class T>
void check_refused(const Bytes& stream) {
  Limits limits;
  const auto whole = decode<T>(stream, Trailing::kReject, limits);
  REQUIRE_MESSAGE(whole, std::string(whole.error().message()));
  limits.max_decoded_bytes = 1 << 20;
  const auto value = decode<T>(stream, Trailing::kReject, limits);
  REQUIRE_FALSE(value);
  CHECK(value.error().message().find("too much memory") != std::string_view::npos);
}

}  // namespace

TEST_CASE("elements of static containers count as memory") {
  check_refused<std::vector<std::string>>(many("8150", "00"));
  check_refused<std::vector<std::vector<std::string>>>(
      many("8151040301"
           "28e152",
           "00"));
  check_refused<Set<std::int64_t>>(
      many("8151040401"
           "09e152",
           "02"));
  check_refused<Map<std::int64_t, bool>>(
      many("8151060501"
           "090201e152",
           "0201"));
  check_refused<std::vector<Any>>(many("81510403010fe1520000", "e0"));
}

TEST_CASE("texts and bytes count as memory, static and dynamic") {
  Bytes text = from_hex("8106");
  append_uvar(text, 2 << 20);
  text.insert(text.end(), 2 << 20, 'x');
  check_refused<std::string>(text);
  check_refused<Value>(text);
  text[1] = 0x4e;
  check_refused<Bytes>(text);
  check_refused<Value>(text);
}

TEST_CASE("elements of dynamic and converted values count as memory") {
  check_refused<Value>(many("8150", "00"));
  // []int8, asked for as a list of 64-bit numbers.
  const Bytes numbers = many("815104030110e152", "02");
  check_refused<std::vector<std::int64_t>>(numbers);
  // A Value may share what its conversion and its C++ form do not.
  const auto texts = decode<Value>(many("8150", "00"));
  REQUIRE(texts);
  const Type anys = Type::list(Type::any());
  CHECK(convert(*texts, anys).ok());
  CHECK_FALSE(convert(*texts, anys, 1 << 20));
  CHECK(from_value<std::vector<std::string>>(*texts).ok());
  CHECK_FALSE(from_value<std::vector<std::string>>(*texts, 1 << 20));
}

TEST_CASE("by default a value may take 256 MiB") {
  const auto value = decode<std::vector<std::string>>(many("8150", "00", 12'000'000));
  REQUIRE_FALSE(value);
  CHECK(value.error().message().find("max_decoded_bytes") != std::string_view::npos);
}

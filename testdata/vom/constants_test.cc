// The compiler and the codec together: the constants that vdlc makes of the vectors' expressions, encoded and decoded
// by generated code and as dynamic values, against the recorded bytes.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

#include "cases/cases.vdl.h"
#include "vom/test_vectors.h"

using namespace nb;
using namespace nb::vom;

namespace {

const std::vector<Vector>& vectors() {
  static const auto vectors = load_vectors("vom81.json");
  return vectors;
}

struct Counts {
  int static_encoded = 0, dynamic_encoded = 0, static_decoded = 0, dynamic_decoded = 0;
};

template <class T>
void check_value(std::size_t number, const T& constant, Counts& counts) {
  const Vector& vector = vectors().at(number);
  CAPTURE(number);
  CAPTURE(vector.expr);
  CHECK(Codec<T>::type().to_string() == vector.type);

  const auto encoded = encode(constant);
  REQUIRE(encoded);
  CHECK(to_hex(*encoded) == to_hex(vector.stream));
  counts.static_encoded += *encoded == vector.stream;

  const auto dynamic = to_value(constant);
  REQUIRE(dynamic);
  const auto dynamically = encode(*dynamic);
  REQUIRE(dynamically);
  CHECK(to_hex(*dynamically) == to_hex(vector.stream));
  counts.dynamic_encoded += *dynamically == vector.stream;

  const auto decoded = decode<T>(vector.stream);
  REQUIRE_MESSAGE(decoded, std::string(decoded.error().message()));
  CHECK((*decoded == constant));
  counts.static_decoded += *decoded == constant;

  const auto value = decode<Value>(vector.stream);
  REQUIRE(value);
  CHECK(value->type() == Codec<T>::type());
  CHECK((*value == *dynamic));
  counts.dynamic_decoded += *value == *dynamic;

  // From the dynamic value to the static one.
  const auto crossed = from_value<T>(*value);
  REQUIRE(crossed);
  CHECK((*crossed == constant));
}

// Scalars are constants; everything composite is a function that gives its constant.
template <class C>
void check_case(std::size_t number, const C& constant, Counts& counts) {
  if constexpr (std::is_same_v<C, std::string_view>) {
    check_value(number, std::string(constant), counts);
  } else if constexpr (std::is_invocable_v<const C&>) {
    check_value(number, constant(), counts);
  } else {
    check_value(number, constant, counts);
  }
}

}  // namespace

TEST_CASE("264 of 264: compiled constants are the golden vectors, static and dynamic, both ways") {
  Counts counts;
#define CASE(number, constant) check_case(number, constant, counts);
#include "cases.inc"
#undef CASE
  CHECK(vectors().size() == 264);
  CHECK(counts.static_encoded == 264);
  CHECK(counts.dynamic_encoded == 264);
  CHECK(counts.static_decoded == 264);
  CHECK(counts.dynamic_decoded == 264);
}

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include <nb/vdl/codec.h>

using namespace nb;

namespace {
Type point() {
  TypeBuilder b;
  const auto s = b.named("p.Point");
  b.set_struct(s, {{"X", b.ref(Type::int32())}, {"Y", b.ref(Type::list(Type::string()))}});
  return (*b.build())[0];
}
}  // namespace

TEST_CASE("a new value is zero and complete") {
  const Value value(point());
  CHECK(value.is_zero());
  CHECK(value.field(0).as_signed() == 0);
  CHECK(value.field(1).size() == 0);
  CHECK(value.to_string() == "p.Point{}");
  CHECK(Value().is_nil());
  CHECK(Value(Type::type_object()).as_type() == Type::any());
}

TEST_CASE("copies do not see each other's changes") {
  Value a(point());
  Value names(Type::list(Type::string()));
  names.append(Value::string("n"));
  a.set_field(1, names);
  Value b = a;
  names.append(Value::string("m"));
  Value changed = b.field(1);
  changed.append(Value::string("o"));
  b.set_field(1, changed);
  CHECK(a.to_string() == "p.Point{Y: {\"n\"}}");
  CHECK(b.to_string() == "p.Point{Y: {\"n\", \"o\"}}");
  CHECK(names.size() == 2);
  CHECK_FALSE(a == b);
}

TEST_CASE("sets and maps keep the order of insertion and compare without it") {
  const Type type = Type::map(Type::string(), Type::int32());
  const auto number = [](int n) { return Value::signed_number(n, Type::int32()); };
  Value a(type), b(type);
  for (int i = 0; i < 100; ++i) CHECK(a.insert(Value::string(std::to_string(i)), number(i)));
  for (int i = 100; i-- > 0;) CHECK(b.insert(Value::string(std::to_string(i)), number(i)));
  CHECK(a.key_at(0).as_string() == "0");
  CHECK(b.key_at(0).as_string() == "99");
  CHECK(a == b);
  CHECK_FALSE(b.insert(Value::string("5"), number(6)));
  CHECK_FALSE(a == b);
  CHECK(b.find(Value::string("5"))->as_signed() == 6);
  CHECK(b.find(Value::string("x")) == nullptr);
  Value copy = a;
  copy.insert(Value::string("more"), number(0));
  CHECK(copy.size() == 101);
  CHECK(a.size() == 100);
}

TEST_CASE("large arrays are not spread out until they must be") {
  TypeBuilder builder;
  const auto array = builder.named("p.Large");
  builder.set_array(array, 1u << 25, builder.ref(Type::int64()));
  const Type type = (*builder.build())[0];
  const Value zero(type);
  CHECK(zero.size() == 1u << 25);
  CHECK(zero.is_zero());
  CHECK(zero.at(12345).as_signed() == 0);
  CHECK(zero == Value(type));
  CHECK(zero.to_string() == "p.Large{}");
}

TEST_CASE("deeply nested values are destroyed without recursion") {
  TypeBuilder builder;
  const auto rec = builder.named("p.Deep");
  builder.set_list(rec, rec);
  const Type type = (*builder.build())[0];
  Value value(type);
  for (int i = 0; i < 1'000'000; ++i) {
    Value outer(type);
    outer.append(std::move(value));
    value = std::move(outer);
  }
  CHECK(value.size() == 1);
}

TEST_CASE("equality is by type and content") {
  CHECK(Value::any(Value::boolean(true)) == Value::boolean(true));
  CHECK(Value::any(Value::any(Value::boolean(true))) == Value::any(Value::boolean(true)));
  const auto nan = Value::floating(std::numeric_limits<double>::quiet_NaN(), Type::float64());
  CHECK_FALSE(nan == nan);
  CHECK(Value::floating(0.1, Type::float32()) == Value::floating(static_cast<double>(0.1f), Type::float32()));
  CHECK_FALSE(Value::signed_number(1, Type::int32()) == Value::signed_number(1, Type::int64()));
  CHECK(Value::floating(-0.0, Type::float64()).is_zero());
}

TEST_CASE("values become C++ values and back") {
  const Map<std::string, std::vector<std::optional<Error>>> map{{"a", {Error("p.X", NoRetry, "no"), std::nullopt}}};
  const auto value = to_value(map);
  REQUIRE(value);
  const auto again = from_value<Map<std::string, std::vector<std::optional<Error>>>>(*value);
  REQUIRE(again);
  CHECK(*again == map);
  CHECK(*from_value<std::uint8_t>(Value::floating(7, Type::float64())) == 7);
  CHECK_FALSE(from_value<std::uint8_t>(Value::floating(7.5, Type::float64())));
  CHECK(*from_value<std::vector<bool>>(*to_value(std::vector<bool>{true, false})) == std::vector<bool>{true, false});
}

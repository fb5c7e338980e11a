// Conversion of values: the tables of docs/spec/vom.md 11.1 to 11.3.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <nb/vdl/codec.h>

using namespace nb;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kFloatMax = std::numeric_limits<float>::max();

Value u64(std::uint64_t x) { return Value::unsigned_number(x, Type::uint64()); }
Value i64(std::int64_t x) { return Value::signed_number(x, Type::int64()); }
Value f64(double x) { return Value::floating(x, Type::float64()); }

Type struct_of(std::vector<std::pair<std::string, Type>> fields, std::string name = "") {
  TypeBuilder b;
  std::vector<TypeBuilder::Field> list;
  for (auto& [field, type] : fields) list.push_back({field, b.ref(type)});
  b.set_struct(b.named(std::move(name)), std::move(list));
  return (*b.build())[0];
}
Type union_of(std::vector<std::pair<std::string, Type>> fields) {
  TypeBuilder b;
  std::vector<TypeBuilder::Field> list;
  for (auto& [field, type] : fields) list.push_back({field, b.ref(type)});
  b.set_union(b.named("p.U"), std::move(list));
  return (*b.build())[0];
}
Type enum_of(std::vector<std::string> labels) {
  TypeBuilder b;
  b.set_enum(b.named("p.E" + std::to_string(labels.size())), std::move(labels));
  return (*b.build())[0];
}
Type array_of(std::uint64_t n, const Type& elem) {
  TypeBuilder b;
  b.set_array(b.named(""), n, b.ref(elem));
  return (*b.build())[0];
}
template <class T>
Value list(std::vector<T> values) {
  return *to_value(values);
}

}  // namespace

TEST_CASE("numbers convert at the boundaries as the specification lists them") {
  struct Case {
    Value from;
    Type to;
    bool fine;
  };
  const std::uint64_t two53 = 1ull << 53;
  const std::vector<Case> cases = {
      {f64(1.5), Type::int64(), false},
      {f64(0x1p62), Type::int64(), true},
      {f64(0x1p63), Type::int64(), false},
      {f64(-0x1p63), Type::int64(), true},
      {f64(0x1p63), Type::uint64(), true},
      {f64(0x1p64), Type::uint64(), false},
      {f64(-1), Type::uint64(), false},
      {f64(255), Type::byte(), true},
      {f64(256), Type::byte(), false},
      {f64(1e300), Type::float32(), false},
      {f64(0.1), Type::float32(), true},
      {f64(kFloatMax), Type::float32(), true},
      {f64(kInf), Type::float32(), false},
      {u64(two53 + 1), Type::float64(), false},
      {u64(two53), Type::float64(), true},
      {u64(1 << 24), Type::float32(), true},
      {u64((1 << 24) + 1), Type::float32(), false},
      {u64(1 << 25), Type::float32(), false},
      {i64(-static_cast<std::int64_t>(two53)), Type::float64(), true},
      {i64(-static_cast<std::int64_t>(two53) - 1), Type::float64(), false},
      {u64(1ull << 63), Type::int64(), false},
      {i64(-128), Type::int8(), true},
      {i64(-129), Type::int8(), false},
      {Value::unsigned_number(128, Type::byte()), Type::int8(), false},
      {i64(-1), Type::uint64(), false},
      {f64(kNaN), Type::int64(), false},
      {f64(kInf), Type::int64(), false},
      {f64(kNaN), Type::float32(), true},
      {f64(-0.0), Type::uint16(), true},
      {Value::floating(kInf, Type::float32()), Type::float64(), true},
      {u64(1ull << 54), Type::float64(), false},
      {i64(INT64_MIN), Type::float64(), false},
      {f64(-0x1p63), Type::uint64(), false},
      {u64(UINT64_MAX), Type::uint64(), true},
      {u64(65536), Type::uint16(), false},
  };
  for (const auto& test : cases) {
    const auto converted = convert(test.from, test.to);
    CHECK_MESSAGE(converted.ok() == test.fine, test.from.to_string(), " to ", test.to.to_string());
    if (converted) CHECK(converted->type() == test.to);
  }
  CHECK(convert(f64(0.1), Type::float32())->as_float() == static_cast<double>(0.1f));
  CHECK(std::isnan(convert(f64(kNaN), Type::float32())->as_float()));
}

TEST_CASE("structs convert by field name") {
  const Type from_type = struct_of({{"A", Type::int64()}, {"B", Type::string()}});
  Value from(from_type);
  from.set_field(0, i64(7));
  from.set_field(1, Value::string("b"));
  const auto fine = convert(from, struct_of({{"B", Type::string()}, {"A", Type::int32()}, {"C", Type::boolean()}}));
  REQUIRE(fine);
  CHECK(fine->field(0).as_string() == "b");
  CHECK(fine->field(1).as_signed() == 7);
  CHECK_FALSE(fine->field(2).as_bool());
  CHECK_FALSE(convert(from, struct_of({{"X", Type::int64()}, {"Y", Type::string()}})));
  CHECK_FALSE(convert(from, struct_of({{"A", Type::string()}})));
  CHECK(convert(from, struct_of({})));
  CHECK(convert(Value(struct_of({})), from_type));
  const auto bad = convert(from, struct_of({{"A", Type::boolean()}}));
  CHECK_FALSE(bad);
  from.set_field(0, i64(300));
  const auto overflow = convert(from, struct_of({{"A", Type::byte()}}));
  REQUIRE_FALSE(overflow);
  CHECK(overflow.error().message() == "cannot convert at .A: int64(300) does not fit into `byte`");
}

TEST_CASE("compatibility is decided for pairs of types") {
  // The reference marks types, not pairs, and finds these two compatible (docs/spec/vom.md 11.1).
  CHECK_FALSE(compatible(struct_of({{"X", Type::list(Type::int32())}, {"Y", Type::list(Type::int32())}}),
                         struct_of({{"X", Type::list(Type::int64())}, {"Y", Type::list(Type::string())}})));
  CHECK(compatible(Type::any(), Type::boolean()));
  CHECK(compatible(enum_of({"A"}), Type::string()));
  CHECK_FALSE(compatible(enum_of({"A"}), Type::int32()));
  CHECK_FALSE(compatible(Type::boolean(), Type::int32()));
  CHECK_FALSE(compatible(Type::string(), Type::type_object()));
  CHECK_FALSE(compatible(union_of({{"A", Type::int32()}}), struct_of({{"A", Type::int32()}})));
  CHECK_FALSE(compatible(Type::list(Type::byte()), Type::string()));
  CHECK_FALSE(compatible(Type::set(Type::string()), Type::map(Type::string(), Type::boolean())));
  CHECK_FALSE(compatible(struct_of({{"A", Type::int32()}}), Type::map(Type::string(), Type::int32())));
  CHECK_FALSE(convert(list(std::vector<bool>{}), Type::list(Type::float32())));
  CHECK(compatible(array_of(2, Type::byte()), Type::list(Type::float64())));
}

TEST_CASE("lists and arrays convert element by element, arrays exactly") {
  const Value two = list<std::int32_t>({1, 2}), four = list<std::int32_t>({1, 2, 3, 4});
  CHECK_FALSE(convert(two, array_of(3, Type::int32())));
  CHECK_FALSE(convert(four, array_of(3, Type::int32())));
  CHECK_FALSE(convert(list<std::int32_t>({}), array_of(3, Type::int32())));
  CHECK(convert(two, array_of(2, Type::float32())));
  const auto bytes = convert(two, Type::list(Type::byte()));
  REQUIRE(bytes);
  CHECK(bytes->as_bytes() == Bytes{1, 2});
  CHECK(*convert(*bytes, two.type()) == two);
  CHECK_FALSE(convert(list<std::int32_t>({256}), Type::list(Type::byte())));
  CHECK(*convert(*convert(*bytes, array_of(2, Type::byte())), two.type()) == two);
}

TEST_CASE("sets and maps convert key by key") {
  const Map<double, std::string> whole{{1, "a"}}, half{{1.5, "a"}};
  const Type target = Type::map(Type::int64(), Type::string());
  CHECK(convert(*to_value(whole), target));
  CHECK_FALSE(convert(*to_value(half), target));
  CHECK(convert(*to_value(Set<double>{1, 2}), Type::set(Type::byte()))->size() == 2);
}

TEST_CASE("enums and strings convert by label, unions by field") {
  const Type abc = enum_of({"A", "B", "C"}), ba = enum_of({"B", "A"});
  CHECK(convert(Value::enumeration(1, abc), ba)->as_enum() == 0);
  CHECK_FALSE(convert(Value::enumeration(2, abc), ba));
  CHECK(convert(Value::string("B"), abc)->as_enum() == 1);
  CHECK_FALSE(convert(Value::string("D"), abc));
  CHECK(convert(Value::enumeration(2, abc), Type::string())->as_string() == "C");
  const Type ab = union_of({{"A", Type::int32()}, {"B", Type::string()}}), b = union_of({{"B", Type::string()}});
  CHECK_FALSE(convert(Value(ab), b));
  CHECK(convert(Value::union_of(1, Value::string("x"), ab), b)->union_value().as_string() == "x");
}

TEST_CASE("nil stays nil or is an error") {
  const Type s = struct_of({{"A", Type::int32()}}, "p.NilS");
  const Type optional = Type::optional(s);
  const Value nil_optional(optional), nil_any;
  CHECK_FALSE(convert(nil_optional, s));
  CHECK_FALSE(convert(nil_any, s));
  CHECK(convert(nil_any, optional)->is_nil());
  const auto any = convert(nil_optional, Type::any());
  REQUIRE(any);
  REQUIRE_FALSE(any->is_nil());
  CHECK(any->elem().type() == optional);
  CHECK_FALSE(convert(Value(s), optional)->is_nil());
  CHECK(convert(Value::some(Value(s), optional), s));
  const Value nil_list = list(std::vector<Any>{Any()});
  CHECK(convert(nil_list, Type::list(optional)));
  CHECK_FALSE(convert(nil_list, Type::list(s)));
}

TEST_CASE("anys convert by what they hold") {
  const Value mixed = list(std::vector<Any>{Any(std::int8_t{1}), Any(2.0), Any(std::uint64_t{3})});
  CHECK(*convert(mixed, Type::list(Type::int32())) == list<std::int32_t>({1, 2, 3}));
  CHECK_FALSE(convert(list(std::vector<Any>{Any(std::int8_t{1}), Any("x")}), Type::list(Type::int32())));
  CHECK(convert(i64(5), Type::any())->elem().type() == Type::int64());
}

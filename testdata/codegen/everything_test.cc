// The generated code of package `everything`, run: values there and back, constants, order, labels, errors.
#include "everything/everything.vdl.h"

#include <doctest/doctest.h>
#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

#include <cmath>
#include <limits>

namespace {

using namespace everything;

// Through VOM and through a dynamic value, both ways.
template <class T>
void check_round_trip(const T& value) {
  const auto bytes = nb::vom::encode(value);
  REQUIRE(bytes.ok());
  const auto decoded = nb::vom::decode<T>(*bytes);
  REQUIRE_MESSAGE(decoded.ok(), std::string(decoded.error().message()));
  CHECK(*decoded == value);

  const auto dynamic = nb::to_value(value);
  REQUIRE(dynamic.ok());
  CHECK(dynamic->type() == nb::Codec<T>::type());
  CHECK(dynamic->is_zero() == nb::Codec<T>::is_zero(value));
  const auto back = nb::from_value<T>(*dynamic);
  REQUIRE_MESSAGE(back.ok(), std::string(back.error().message()));
  CHECK(*back == value);
  // The dynamic value has the same bytes.
  const auto dynamic_bytes = nb::vom::encode(*dynamic);
  REQUIRE(dynamic_bytes.ok());
  CHECK(*dynamic_bytes == *bytes);
}

template <class T>
void check_zero() {
  CHECK(nb::Codec<T>::is_zero(T()));
  check_round_trip(T());
  CHECK(nb::Value(nb::Codec<T>::type()).is_zero());
}

TEST_CASE("types may be called like what generated code and the classes behind it use") {
  check_round_trip(::everything::Number(7));
  check_round_trip(Elements(1, 2));
  check_round_trip(Base2("only"));
  check_round_trip(R(R::Reader(Writer(::everything::Number(3)))));
  check_round_trip(Field(Field::Functions("f")));
  check_round_trip(Codec::Nb);
  check_round_trip(value(-3));
  check_round_trip(size(Elements(1, 2), Elements(3, 4)));
  held all;
  all.Numbers = {value(1), value(2)};
  all.Parameters["a"] = compare("b");
  all.Datas = {data{1, 2}, data{}};
  all.Begins = begin{value(4)};
  all.Odd[value(2)][compare("x")] = number_type_(5);
  all.Odd[value(1)] = {};
  check_round_trip(all);
  static_assert(!std::is_convertible_v<std::string, Base2>);
}

TEST_CASE("every type has a zero that is zero, and goes there and back") {
  check_zero<Scalars>();
  check_zero<Empty>();
  check_zero<Flag>();
  check_zero<Octet>();
  check_zero<Port>();
  check_zero<Id64>();
  check_zero<Small>();
  check_zero<Count>();
  check_zero<Big>();
  check_zero<Ratio>();
  check_zero<Precise>();
  check_zero<Text>();
  check_zero<Blob>();
  check_zero<Octets>();
  check_zero<Digest>();
  check_zero<Triple>();
  check_zero<Words>();
  check_zero<Flags>();
  check_zero<Grid>();
  check_zero<Letters>();
  check_zero<Ages>();
  check_zero<ByVector>();
  check_zero<Alias>();
  check_zero<Again>();
  check_zero<Shade>();
  check_zero<Containers>();
  check_zero<Node>();
  check_zero<Tree>();
  check_zero<Forest>();
  check_zero<Chicken>();
  check_zero<Egg>();
  check_zero<Even>();
  check_zero<Odd>();
  check_zero<Expr>();
  check_zero<Function>();
  check_zero<Key>();
  check_zero<Either>();
  check_zero<ByKey>();
  check_zero<ByEither>();
  check_zero<ByRatio>();
  check_zero<Base>();
  check_zero<Union>();
  check_zero<template_>();
  check_zero<operator_>();
  check_zero<operator2>();
  check_zero<namespace_>();
  check_zero<to_string_>();
  check_zero<Map>();
  check_zero<errors>();
  CHECK(nb::Codec<Times>::is_zero(Times()));
}

TEST_CASE("types are called and built as VDL says") {
  CHECK(nb::Codec<Key>::type().to_string() ==
        "everything.Key struct{Point everything.Triple [3]float64;Name string;Port everything.Port uint16}");
  CHECK(nb::Codec<Tree>::type().to_string() == "everything.Tree []everything.Tree");
  CHECK(nb::Codec<template_>::type().to_string() == "everything.template enum{Namespace;I;B0;Stdin}");
  CHECK(nb::Codec<Shade>::type().to_string() == "everything.Shade enum{Red;Green;Blue}");
  CHECK(nb::Codec<Base>::type().to_string() == "everything.Base struct{Base int32;BaseX int32}");
  CHECK(nb::Codec<std::optional<Node>>::type() == nb::Codec<nb::Box<Node>>::type());
}

TEST_CASE("constants hold their values") {
  CHECK(Yes);
  CHECK(LeastInt8 == -128);
  CHECK(LeastInt64 == std::numeric_limits<std::int64_t>::min());
  CHECK(MostUint64 == std::numeric_limits<std::uint64_t>::max());
  CHECK(Half == 0.5f);
  CHECK(Third == 1.0 / 3);
  CHECK(Tiny == std::numeric_limits<double>::denorm_min());
  static_assert(Whole == 3.0);
  static_assert(MyPort == 8080);
  CHECK(MyRatio == 0.1f);
  CHECK(MyFlag);
  CHECK(Leaf == base::Colour::Green);
  CHECK(base::Heaviest == 1e308);
  CHECK(EOF_ == -1);
  CHECK(errno_ == "a macro");

  CHECK(Plain == "plain");
  CHECK(Quotes == "a \"quote\", a \\ and \a\b\f\n\r\t\v");
  CHECK(Unicode == "grüße, 世界 \u202e\u200b\ufeff \U0001F600");
  CHECK(Nul == std::string_view("a\0b", 3));
  CHECK(Raw ==
        "\xff\xfe\x01"
        "2");
  CHECK(Trigraph == "?\?= ?\?/ ?\?'");
  CHECK(Long == "several\nlines, with \"quotes\" and \\ in them");

  CHECK(MyText() == "typed");
  CHECK(MyBlob() == Blob{0, 1, 255});
  CHECK(MyDigest() == Digest('a', 'b', 'c', 'd'));
  CHECK(Origin() == Triple());
  CHECK(Up()[2] == 1);
  CHECK(MyWords() == Words{"a", "b"});
  CHECK(NoWords().empty());
  CHECK(MyGrid().size() == 3);
  CHECK(MyGrid()[2][1] == "c");
  CHECK(MyLetters().contains("y"));
  CHECK(MyAges().at("bob") == 9);
  CHECK(OneAge().size() == 1);
  CHECK(OneAge().at("a") == "b");
  CHECK(OneList() == std::vector<std::string>{"a"});
  CHECK(MyFlags().size() == 2);
  CHECK(MyTree().size() == 2);
  CHECK(MyTree()[1].size() == 1);
  CHECK(MyForest().at("a").contains("b"));
  CHECK(MyNode().Next->Value == 2);
  CHECK(!MyNode().Next->Next);
  CHECK(MyNode().Kids[0].Value == 3);
  CHECK(MyNode().ByName.at("x").Value == 4);
  CHECK(MyExpr().get_if<Expr::Sum>()->value.size() == 3);
  CHECK(MyKey().Port == 80);
  CHECK(MyEither().index() == 2);
  CHECK(MyByKey().at(MyKey()) == "v");
  CHECK(MyContainers().Optional.has_value());
  CHECK(!MyContainers().Pairs[0]);
  CHECK(MyContainers().OptionalOther->Value.as<std::int32_t>().value() == 5);
  CHECK(MyContainers().Map.at(base::Colour::Red)[0].Int8 == -1);
  CHECK(MyTimes().When == nb::Time(nb::Time::kUnixEpoch, 5));
  CHECK(MyTimes().HowLong == std::chrono::milliseconds(-1500));
  CHECK(MyTimes().Until.left() == std::chrono::seconds(1));
  CHECK(Moment() == nb::Time(-1, -5));
  CHECK(Pause() == std::chrono::hours(1));
  CHECK(MyAny().as<Key>().value() == MyKey());
  CHECK(AnyNil().is_nil());
  CHECK(AnyOptional().type().kind() == nb::Kind::kOptional);
  CHECK(AnyList().size() == 12);
  CHECK(AnyList()[1].type() == nb::Type::byte());
  CHECK(AnyList()[8].as<nb::Type>().value() == nb::Codec<Node>::type());
  CHECK(NodeType() == nb::Codec<Node>::type());
  CHECK(ListType().elem().elem().kind() == nb::Kind::kOptional);
  CHECK(Failure()->id() == "some.Id");
  CHECK(Failure()->action() == nb::RetryBackoff);
  CHECK(Failure()->message() == "it \"failed\"");
  CHECK(!NoFailure());
  CHECK(Optional()->Value == 5);
  CHECK(Hundred().size() == 100);
  CHECK(Hundred()[99] == 99);
  CHECK(Gaps().List[99] == 1);
  CHECK(Gaps().Nested[70] == std::vector<std::string>{"x"});
}

TEST_CASE("constants go there and back") {
  check_round_trip(MyBlob());
  check_round_trip(MyDigest());
  check_round_trip(Up());
  check_round_trip(MyGrid());
  check_round_trip(MyTree());
  check_round_trip(MyForest());
  check_round_trip(MyNode());
  check_round_trip(MyExpr());
  check_round_trip(MyEither());
  check_round_trip(MyByKey());
  check_round_trip(MyContainers());
  check_round_trip(MyAny());
  check_round_trip(AnyList());
  check_round_trip(Failure());
  check_round_trip(Optional());
  check_round_trip(Gaps());
  check_round_trip(Moment());
  check_round_trip(Pause());
  Scalars scalars(true, 1, 2, 3, MostUint64, -1, -2, -3, LeastInt64, 0.5f, Third, std::string(Nul), nb::Bytes{0, 255},
                  NodeType(), MyAny(), Failure());
  check_round_trip(scalars);
  check_round_trip(Chicken(Egg(Chicken(), std::nullopt), {Egg(), Egg()}));
  check_round_trip(Even{Odd{Even{}, Even{}}, Odd{}});
}

TEST_CASE("zero is not written, and negative zero counts as zero in a field only") {
  Scalars scalars;
  scalars.Float64 = -0.0;
  CHECK(nb::Codec<Scalars>::is_zero(scalars));
  CHECK(nb::vom::encode(scalars).value() == nb::vom::encode(Scalars()).value());
  Node node;
  node.Next = Node();
  CHECK(!nb::Codec<Node>::is_zero(node));
  CHECK(nb::Codec<Union>::is_zero(Union(Union::Union_(0))));
  CHECK(!nb::Codec<Union>::is_zero(Union(Union::Value(""))));
}

TEST_CASE("enums are told by their labels") {
  CHECK(to_string(base::Colour::Green) == "Green");
  CHECK(to_string(static_cast<base::Colour>(7)) == "");
  CHECK(nb::from_string<base::Colour>("Blue") == base::Colour::Blue);
  CHECK(!nb::from_string<base::Colour>("blue"));
  CHECK(!nb::from_string<base::Colour>(""));
  CHECK(nb::from_string<template_>("B0") == template_::B0_);
  CHECK(to_string(template_::I_) == "I");
}

TEST_CASE("an index that no label has is no value of an enum or a union") {
  nb::Bytes bytes = nb::vom::encode(Leaf).value();
  CHECK(nb::vom::decode<base::Colour>(bytes).value() == Leaf);
  bytes.back() = 9;
  CHECK(!nb::vom::decode<base::Colour>(bytes).ok());
}

TEST_CASE("unions tell what they hold") {
  const Either either{Either::Right(MyKey())};
  CHECK(either.index() == 1);
  CHECK(either.get_if<Either::Left>() == nullptr);
  CHECK(either.get_if<Either::Right>()->value == MyKey());
  const auto name = either.visit([](const Either::Left&) { return "left"; },
                                 [](const Either::Right&) { return "right"; }, [](const auto&) { return "other"; });
  CHECK(name == std::string("right"));
  CHECK(Either() == Either(Either::Left(Ratio(0))));
  CHECK(Either(Either::Left(Ratio(1))) != Either(Either::Third(Ratio(1))));
}

TEST_CASE("keys are ordered, NaN among them") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  ByRatio ratios;
  for (const float f : {nan, 1.0f, -1.0f, nan, std::numeric_limits<float>::infinity(), 0.0f, -0.0f})
    ratios.insert(Ratio(f));
  CHECK(ratios.size() == 5);
  CHECK(ratios.contains(Ratio(nan)));
  CHECK(static_cast<float>(*ratios.begin()) == -1.0f);

  const Key odd(Triple(1.0, std::numeric_limits<double>::quiet_NaN(), 2.0), "k", Port(1));
  ByKey keys{{odd, "nan"}, {MyKey(), "plain"}, {Key(), "zero"}};
  CHECK(keys.size() == 3);
  CHECK(keys.at(odd) == "nan");
  keys[odd] = "again";
  CHECK(keys.size() == 3);

  ByEither eithers{Either(Either::Left(Ratio(nan))), Either(Either::Third(Ratio(nan))),
                   Either(Either::Left(Ratio(nan))), Either(Either::Right(odd)), Either(Either::Nothing(Empty()))};
  CHECK(eithers.size() == 4);
  const auto decoded = nb::vom::decode<ByEither>(nb::vom::encode(eithers).value());
  REQUIRE(decoded.ok());
  CHECK(decoded->size() == 4);
  CHECK((Key(Triple(), "a", Port(2)) <=> Key(Triple(), "b", Port(1))) < 0);
}

TEST_CASE("named types are types of their own with the interface of their base") {
  static_assert(!std::is_convertible_v<std::uint16_t, Port>);
  static_assert(std::is_convertible_v<Port, std::uint16_t>);
  static_assert(!std::is_convertible_v<std::string, Text>);
  static_assert(std::is_base_of_v<std::string, Text>);
  static_assert(!std::is_aggregate_v<Key> && !std::is_aggregate_v<Empty> && !std::is_aggregate_v<Triple>);
  Text text("abc");
  text += "def";
  CHECK(text.substr(2, 2) == "cd");
  Words words{"x"};
  words.push_back("y");
  CHECK(words == Words(std::vector<std::string>{"x", "y"}));
  Triple triple(1, 2, 3);
  CHECK(triple[0] == 1);
  CHECK(Again().Int32 == 0);
}

TEST_CASE("errors are made, recognised and taken apart") {
  const nb::Error error = WithParams("t", 5, base::Colour::Blue, {"a", "b"}, std::nullopt);
  CHECK(error.id() == "everything.WithParams");
  CHECK(error.action() == nb::RetryRefetch);
  CHECK(error.message().starts_with("t 5 "));
  CHECK(WithParams.matches(error));
  CHECK(!Simple.matches(error));
  const auto params = WithParams.params(error);
  REQUIRE(params);
  CHECK(std::get<0>(*params) == "t");
  CHECK(std::get<2>(*params) == base::Colour::Blue);
  CHECK(std::get<3>(*params).size() == 2);
  CHECK(Simple().message() == "simple");
  CHECK(base::Upset("rain", base::Colour::Green).action() == nb::RetryBackoff);
  CHECK(unexported(1).id() == "everything.unexported");
  CHECK(stdin_().id() == "everything.stdin");
}

}  // namespace

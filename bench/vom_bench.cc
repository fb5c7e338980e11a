// Encoding and decoding of the reference's benchmark values (docs/spec/vom.md 14): once with types (Encode, Decode) and
// again and again on one stream (EncodeMany, DecodeMany). `bytes` is the size of a value message.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>

#include <nb/vom/vom.h>

#include "v.io/v23/vom/internal/internal.vdl.h"

namespace {

using namespace v23::vom::internal;
using nb::vom::Decoder;
using nb::vom::Encoder;

template <class T>
void encode(benchmark::State& state, const T& value) {
  for (auto _ : state) {
    Encoder encoder;
    benchmark::DoNotOptimize(encoder.encode(value).ok());
    benchmark::DoNotOptimize(encoder.output().data());
  }
}

template <class T>
void encode_many(benchmark::State& state, const T& value) {
  Encoder encoder;
  (void)encoder.encode(value).ok();
  (void)encoder.take();  // the types too
  for (auto _ : state) {
    benchmark::DoNotOptimize(encoder.encode(value).ok());
    state.counters["bytes"] = static_cast<double>(encoder.output().size());
    encoder.clear();
  }
}

template <class T>
void decode(benchmark::State& state, const T& value) {
  const auto bytes = *nb::vom::encode(value);
  for (auto _ : state) benchmark::DoNotOptimize(nb::vom::decode<T>(bytes).ok());
}

template <class T>
void decode_many(benchmark::State& state, const T& value) {
  Encoder encoder;
  (void)encoder.encode(value).ok();
  Decoder decoder;
  decoder.feed(encoder.take());
  T decoded = *decoder.next<T>();
  (void)encoder.encode(value).ok();
  const auto message = encoder.take();
  for (auto _ : state) {
    decoder.feed(message);
    (void)decoder.step();
    benchmark::DoNotOptimize(decoder.read(decoded).ok());
  }
}

template <class T>
void add(const std::string& name, T value) {
  benchmark::RegisterBenchmark((name + "/Encode").c_str(), [value](auto& state) { encode(state, value); });
  benchmark::RegisterBenchmark((name + "/EncodeMany").c_str(), [value](auto& state) { encode_many(state, value); });
  benchmark::RegisterBenchmark((name + "/Decode").c_str(), [value](auto& state) { decode(state, value); });
  benchmark::RegisterBenchmark((name + "/DecodeMany").c_str(), [value](auto& state) { decode_many(state, value); });
}

VLargeStruct large_struct() {
  return VLargeStruct(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                      28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50);
}

void add_all() {
  VList numbers;
  VListAny anys;
  for (int i = 0; i < 65536; ++i) {
    numbers.push_back(i);
    anys.emplace_back(std::int64_t{i});
  }
  add("VNumber", VNumber(2));
  add("VStringSmall", VString("abc"));
  add("VStringLarge", VString(std::string(65536, 'a')));
  add("VEnum", VEnum::A);
  add("VByteListSmall", VByteList{1, 2, 3});
  add("VByteListLarge", VByteList(65536, 1));
  add("VByteArray", VByteArray(std::array<std::uint8_t, 3>{1, 2, 3}));
  add("VArray", VArray(std::array<std::int32_t, 3>{1, 2, 3}));
  add("VListSmall", VList{1, 2, 3});
  add("VListLarge", numbers);
  add("VListAnySmall", VListAny{nb::Any(std::int64_t{1}), nb::Any(std::int64_t{2}), nb::Any(std::int64_t{3})});
  add("VListAnyLarge", anys);
  add("VSet", VSet{"A", "B", "C"});
  add("VMap", VMap{{"A", true}, {"B", false}, {"C", true}});
  add("VSmallStruct", VSmallStruct(1, "A", true));
  add("VLargeStruct", large_struct());
  add("VLargeStructZero", VLargeStruct());
  add("VSmallUnion", VSmallUnion(VSmallUnion::B("A")));
  add("VStructWithOptional", VStructWithOptional(32, VSmallStruct(2, "B", true)));
  add("VStructWithNative", VStructWithNative(nb::Time(nb::Time::kUnixEpoch + 1257894000, 0), std::chrono::seconds(1)));
  add("Time", nb::Time(nb::Time::kUnixEpoch + 1257894000, 0));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  add_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

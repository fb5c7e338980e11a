// Bytes from outside against everything that reads VOM: dynamic values, static codecs, undecoded anys, the stream of
// types alone, delivery in pieces, and the dump. What decodes must encode, and decode again to the same value.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <nb/vdl/codec.h>
#include <nb/vom/dump.h>
#include <nb/vom/vom.h>

namespace {

using namespace nb;
using namespace nb::vom;

void require(bool fine) {
  if (!fine) std::abort();
}

Limits small_limits() {
  Limits limits;
  limits.max_decoded_bytes = 16u << 20;
  limits.max_inline_bytes = 1u << 20;
  limits.max_depth = 100;
  return limits;
}

// NaN is unequal to itself, so values are compared by what they encode to.
void check_round_trip(const Value& value) {
  const auto bytes = encode(value);
  require(bytes.ok());
  const auto again = decode<Value>(*bytes);
  require(again.ok());
  const auto bytes_again = encode(*again);
  require(bytes_again.ok() && *bytes_again == *bytes);
  (void)value.to_string();
}

template <class T>
void check_static(BytesView input, const Limits& limits) {
  const auto value = decode<T>(input, Trailing::kIgnore, limits);
  if (!value) return;
  const auto bytes = encode(*value);
  if (!bytes) return;  // an undecoded any was malformed
  require(decode<T>(*bytes).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  const Limits limits = small_limits();

  const auto value = decode<Value>(input, Trailing::kIgnore, limits);
  if (value) check_round_trip(*value);

  const auto any = decode<Any>(input, Trailing::kIgnore, limits);
  if (any) {
    const auto held = any->vdl();
    require(held.ok() == value.ok());
    require(encode(*any).ok() == held.ok());
  }

  check_static<std::vector<Any>>(input, limits);
  check_static<Map<std::string, std::vector<std::optional<Error>>>>(input, limits);
  check_static<std::int16_t>(input, limits);
  check_static<double>(input, limits);
  check_static<Set<float>>(input, limits);
  check_static<std::string>(input, limits);
  check_static<Time>(input, limits);
  check_static<Deadline>(input, limits);

  // In pieces, everything there is.
  Decoder decoder(limits);
  for (std::size_t at = 0; at < size; at += 3) {
    decoder.feed(input.subspan(at, std::min<std::size_t>(3, size - at)));
    while (decoder.step().kind == Step::kValue) (void)decoder.value<Value>();
  }
  decoder.finish();
  (void)decoder.step();

  TypeDecoder types(limits);
  (void)types.feed(input);
  (void)types.finish();

  if (size < 4096) (void)dump(input, limits);
  return 0;
}

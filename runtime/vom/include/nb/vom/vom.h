// One value to bytes and back (docs/spec/vom.md 7.1): a stream of its own, with its types.
#pragma once

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vom/decoder.h>
#include <nb/vom/encoder.h>
#include <nb/vom/limits.h>

namespace nb::vom {

// T: anything with a Codec, or Value.
template <class T>
Result<Bytes> encode(const T& value) {
  Encoder encoder;
  if (auto done = encoder.encode(value); !done) return done.error();
  return encoder.take();
}

// Bytes after the first value: Go never looks at them.
enum class Trailing { kIgnore, kReject };

Error trailing_bytes(std::size_t count);

template <class T>
Result<T> decode(BytesView bytes, Trailing trailing = Trailing::kReject, const Limits& limits = Limits()) {
  Decoder decoder(limits);
  if constexpr (HasCodec<T>) decoder.expect(Codec<T>::type());
  decoder.feed(bytes);
  decoder.finish();
  auto value = decoder.next<T>();
  if (value && trailing == Trailing::kReject && decoder.unread() > 0) return trailing_bytes(decoder.unread());
  return value;
}

}  // namespace nb::vom

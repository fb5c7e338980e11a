// Decoder: reads a VOM stream (docs/spec/vom.md sections 2 to 6). It never waits:
//
//   nb::vom::Decoder decoder;                    // or Decoder(types): types come on another stream
//   decoder.feed(bytes);                         // whatever has arrived
//   switch (decoder.step().kind) {
//     case Step::kValue:     use(decoder.value<calc::Point>()); break;
//     case Step::kNeedBytes: …feed more…
//     case Step::kNeedType:  …wait until the TypeDecoder knows step.type_id…
//     case Step::kEnd:       …finish() was called, all values were read
//     case Step::kError:     …malformed, or cut short
//   }
//
// A value stays until it is read or skipped. Not safe for several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/codec.h>
#include <nb/vdl/value.h>
#include <nb/vom/limits.h>
#include <nb/vom/message_context.h>
#include <nb/vom/reader.h>
#include <nb/vom/type_decoder.h>

namespace nb::vom {

struct Step {
  enum Kind { kValue, kNeedBytes, kNeedType, kEnd, kError };
  Kind kind = kNeedBytes;
  std::uint64_t type_id = 0;  // kNeedType
  Error error;                // kError; every later step gives it again
};

class Decoder {
 public:
  explicit Decoder(const Limits& limits = Limits());                      // interleaved
  explicit Decoder(TypeDecoder& types, const Limits& limits = Limits());  // split; `types` outlives the decoder
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  void feed(BytesView bytes);
  void finish();  // nothing more will come

  // A hint, before the first step() of an interleaved stream: its first value probably has this type. Saves the work of
  // learning types that the program knows.
  void expect(const Type& type);

  Step step();

  // After kValue. The type that the value was sent with; of an any at top level, that of what it holds.
  const Type& type() const;
  // Takes the value, converted if it was sent with another type (T may be Value and Any, which are not converted).
  // A failure concerns this value alone; the stream goes on behind it.
  template <class T>
  Result<T> value();
  template <HasCodec T>
  Result<void> read(T& value);  // the same into an existing object, whose memory is used again
  Result<void> skip();

  // Takes a value without step(): fails when there is no whole value yet.
  template <class T>
  Result<T> next();

  std::size_t unread() const;  // bytes fed and not taken
  // Gives back the memory of values that were taken, for a stream that is idle for long.
  void shrink();

  // Given to the codecs of all following messages; not owned.
  void set_context(MessageContext* context);

 private:
  struct State;

  bool is_exactly(const Type& target);
  Reader reader();
  Result<void> done(Reader& reader, bool read);  // after reading: all bytes used? Moves behind the value.
  Result<Value> dynamic();
  Result<Value> converted(const Type& target);
  Result<Any> undecoded();
  Error no_value();
  std::uint64_t max_decoded_bytes() const;

  std::unique_ptr<State> state_;
};

template <HasCodec T>
Result<void> Decoder::read(T& value) {
  if constexpr (std::is_same_v<T, Any>) {
    auto any = undecoded();
    if (!any) return any.error();
    value = std::move(*any);
    return {};
  } else {
    const Type target = Codec<T>::type();
    if (is_exactly(target)) [[likely]] {
      Reader body = reader();
      const bool read = Codec<T>::read(body, value);
      return done(body, read);
    }
    auto dynamic = converted(target);
    if (!dynamic) return dynamic.error();
    ValueReader from(*dynamic, max_decoded_bytes());
    if (!Codec<T>::read(from, value)) return from.error();
    return {};
  }
}

template <class T>
Result<T> Decoder::value() {
  if constexpr (std::is_same_v<T, Value>) {
    return dynamic();
  } else {
    T result{};
    if (auto done = read(result); !done) return done.error();
    return result;
  }
}

template <class T>
Result<T> Decoder::next() {
  if (step().kind != Step::kValue) return no_value();
  return value<T>();
}

}  // namespace nb::vom

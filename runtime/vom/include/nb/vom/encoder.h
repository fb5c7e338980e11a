// Encoder: writes a VOM stream (docs/spec/vom.md sections 2 to 6).
//
//   nb::vom::Encoder encoder;                  // types and values in one stream
//   encoder.encode(calc::Point(1, 2));
//   nb::Bytes bytes = encoder.take();
//
// or, in RPC, `Encoder encoder(types)`: values here, type messages in the output of a shared TypeEncoder. Not safe for
// several threads at once.
#pragma once

#include <memory>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/codec.h>
#include <nb/vdl/value.h>
#include <nb/vom/message_context.h>
#include <nb/vom/type_encoder.h>
#include <nb/vom/writer.h>

namespace nb::vom {

class Encoder {
 public:
  Encoder();                             // interleaved
  explicit Encoder(TypeEncoder& types);  // split; `types` outlives the encoder
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // Appends one value message, and in an interleaved stream its new types before it. Fails, adding nothing but types,
  // when an undecoded part turns out to be malformed or a dynamic value nests too deeply.
  template <HasCodec T>
  Result<void> encode(const T& value) {
    if constexpr (std::is_same_v<T, Any>) {
      return encode_any(value);
    } else {
      begin(Codec<T>::type());
      Codec<T>::write(writer_, value);
      return finish();
    }
  }
  Result<void> encode(const Value& value);

  // What was written since the last clear() or take(), without copying; valid until the next call.
  BytesView output() const { return {writer_.start_ + begin_at_, writer_.written() - begin_at_}; }
  // Drops it: it counts as never written, and what the next messages need of it is written again.
  void clear();
  Bytes take();
  // After take(): gives back the memory that only values need which are being written, for a stream that is idle for
  // long.
  void shrink();

  // Given to the codecs of all following messages; not owned.
  void set_context(MessageContext* context) { writer_.context_ = context; }

 private:
  Result<void> encode_any(const Any& value);
  void begin(const Type& type);
  Result<void> finish();
  void rewind();
  void put_types();  // new ones of an interleaved stream
  void put_prefix();

  std::unique_ptr<TypeEncoder> own_types_;  // null in split mode
  TypeEncoder& types_;
  Writer writer_;
  std::size_t begin_at_ = 0;  // where the output begins in the writer's block
  bool version_written_ = false;
  bool version_taken_ = false;
  // The message being written.
  Type type_;
  std::uint64_t type_id_ = 0;
  Bytes prefix_;                // what goes before the body: late types, header
  std::size_t message_at_ = 0;  // offset of the message in the block
  std::size_t body_at_ = 0;     // offset of its body
  Type last_type_;              // and its id, so that equal types in a row need no look-up
  std::uint64_t last_id_ = 0;
};

}  // namespace nb::vom

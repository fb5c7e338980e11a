// TypeEncoder: gives types their ids on one stream and writes the type messages (docs/spec/vom.md 3.3 and 6).
//
// Many Encoders may share one, each writing values to a stream of its own (in RPC: one per connection and direction).
// Whatever take() gives must reach the peer's TypeDecoder, in order, no later than the peer needs it; sending it before
// the value is best. Safe from any thread: an id is handed out only after its messages stand in the output.
#pragma once

#include <cstdint>
#include <memory>

#include <nb/base/bytes.h>
#include <nb/vdl/type.h>

namespace nb::vom {

class TypeEncoder {
 public:
  TypeEncoder();
  ~TypeEncoder();
  TypeEncoder(const TypeEncoder&) = delete;
  TypeEncoder& operator=(const TypeEncoder&) = delete;

  // The id of `type`; a new type and its new parts are written to the output first.
  std::uint64_t id_of(const Type& type);

  // Output since the last call: the version byte (once, before the first type) and type messages.
  Bytes take();
  bool has_output() const;

 private:
  friend class Encoder;
  friend const struct TypePrefix* prefix_of(const Type& type);
  struct State;
  struct Interleaved {};
  explicit TypeEncoder(Interleaved);  // no version byte: the values' stream has it

  std::unique_ptr<State> state_;
};

}  // namespace nb::vom

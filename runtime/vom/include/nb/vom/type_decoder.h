// TypeDecoder: learns the types of one stream from its type messages (docs/spec/vom.md 3.4 and 6).
//
// Feed it the bytes of the type stream as they come; it never waits. Many Decoders may share one. The types live in
// a store of their own, which goes with the last of them; those that the program knows too are the program's. Safe from
// any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/type.h>
#include <nb/vom/limits.h>

namespace nb::vom {

class TypeDecoder {
 public:
  explicit TypeDecoder(const Limits& limits = Limits());
  ~TypeDecoder();
  TypeDecoder(const TypeDecoder&) = delete;
  TypeDecoder& operator=(const TypeDecoder&) = delete;

  // Takes all complete messages out of what has been fed. An error is for ever: the stream is useless from then on.
  Result<void> feed(BytesView bytes);
  // Nothing more will come. Fails when a message is cut short.
  Result<void> finish();

  std::optional<Type> find(std::uint64_t id) const;  // built-in types too
  bool is_finished() const;
  Error error() const;  // what feed() or finish() failed with, or none

 private:
  friend class Decoder;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nb::vom

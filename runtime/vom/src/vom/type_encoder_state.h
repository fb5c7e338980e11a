#pragma once

#include <mutex>
#include <vector>

#include <nb/vom/type_encoder.h>

#include "vom/type_prefix.h"
#include "vom/wire_type.h"

namespace nb::vom {

struct TypeEncoder::State {
  // With `mutex` held: the numbering of a group of types and the writing of its messages are one step.
  std::uint64_t define(const Type& type);
  WireType describe(const Type& type);
  // Instead of the first define(): all types of the prefix, which the caller writes.
  void begin_with(const TypePrefix& all) {
    prefix = &all;
    next_id += all.types.size();
  }
  // Interleaved: the messages of all types so far are on their way; or, since that was said, were dropped.
  void keep_new() { kept_id = next_id; }
  void forget_new();

  mutable std::mutex mutex;
  TypeIds ids;
  const TypePrefix* prefix = nullptr;  // types that were written at once, before all others
  std::uint64_t next_id = kFirstUserId;
  std::uint64_t kept_id = kFirstUserId;       // the next one at keep_new()
  std::vector<const TypeNode*> open_circles;  // of the types that are being described
  Bytes output;
  bool version_written = false;
};

}  // namespace nb::vom

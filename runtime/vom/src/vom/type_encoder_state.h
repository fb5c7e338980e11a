#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include <nb/vom/type_encoder.h>

#include "vom/wire_type.h"

namespace nb::vom {

struct TypeEncoder::State {
  // With `mutex` held: the numbering of a group of types and the writing of its messages are one step.
  std::uint64_t define(const Type& type);
  WireType describe(const Type& type);

  struct Hash {
    std::size_t operator()(const Type& type) const { return static_cast<std::size_t>(type.hash()); }
  };

  mutable std::mutex mutex;
  std::unordered_map<Type, std::uint64_t, Hash> ids;
  std::uint64_t next_id = kFirstUserId;
  std::vector<const TypeNode*> open_circles;  // of the types that are being described
  Bytes output;
  bool version_written = false;
};

}  // namespace nb::vom

// How large values are, found out before they are made: the guard against constants that would fill the memory
// (caps.h).
#pragma once

#include <nb/vdl/value.h>

#include <unordered_map>

#include "check/caps.h"

namespace vdlc::passes {

struct Extent {
  std::uint64_t weight = 1;  // units of kConstantBudget; saturates
  std::uint32_t depth = 1;
};

std::uint64_t weight_of_text(std::size_t bytes);

Extent extent_of(const nb::Value& value);

// Extents of zero values; remembers, because structs within structs grow exponentially.
class ZeroExtents {
 public:
  Extent of(const nb::Type& type);
  // What nb::convert(value, type) would give: fields that the value does not have become zero.
  std::uint64_t weight_converted(const nb::Value& value, const nb::Type& target);

 private:
  std::unordered_map<const nb::TypeNode*, Extent> known_;
};

// The sum, at most the largest number.
std::uint64_t add_weight(std::uint64_t a, std::uint64_t b);

}  // namespace vdlc::passes

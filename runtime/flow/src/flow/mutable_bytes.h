// A view of bytes that may be changed where they lie.
#pragma once

#include <cstdint>
#include <span>

namespace nb::flow {

using MutableBytes = std::span<std::uint8_t>;

}  // namespace nb::flow

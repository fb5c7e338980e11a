// Where unpredictable bytes come from: keys and masks of websockets.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace nb::transport {

// Fills the bytes. Called on any loop, so it must be safe from any thread.
using RandomSource = std::function<void(std::span<std::uint8_t>)>;

// The system's own.
RandomSource system_random();

}  // namespace nb::transport

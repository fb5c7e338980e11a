// How long to wait before a call is tried again (docs/spec/rpc.md 4.11).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace nb::rpc {

// Before retry number `n` (0 is the first): [100, 199] ms times 2^n, at most a minute, and never so long that less than
// 100 ms of `remaining` would be left. Nothing: it is too late to try again.
std::optional<std::chrono::nanoseconds> backoff(std::uint32_t n, std::chrono::nanoseconds remaining,
                                                const std::function<void(std::span<std::uint8_t>)>& random);

}  // namespace nb::rpc

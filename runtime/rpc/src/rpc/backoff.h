// How long to wait before a call is tried again (docs/spec/rpc.md 4.11).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <nb/rpc/client_policy.h>

namespace nb::rpc {

// Before retry number `n` (0 is the first) when `remaining` is left: the delay of the policy, cut so that its reserve
// is left. Nothing: it is too late to try again.
std::optional<std::chrono::nanoseconds> backoff(std::uint32_t n, std::chrono::nanoseconds remaining,
                                                const ClientPolicy& policy,
                                                const std::function<void(std::span<std::uint8_t>)>& random);

}  // namespace nb::rpc

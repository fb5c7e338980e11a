// RoutingId: the 16 bytes that name one flow manager, the process-level thing that dials and listens
// (docs/spec/flow-protocol.md 1.6). The null id marks a pure client, which nobody may dial. A plain value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nb::naming {

// Fills the span with unpredictable bytes. The runtime hands in the system's source, tests a fixed one.
using RandomSource = std::function<void(std::span<std::uint8_t>)>;

struct RoutingId {
  std::array<std::uint8_t, 16> bytes{};

  bool is_null() const;
  // Fourteen zero bytes and a last pair below 1024, the null id among them: never drawn for a manager.
  bool is_reserved() const;

  friend auto operator<=>(const RoutingId&, const RoutingId&) = default;
};

// Draws until the id is not a reserved one.
RoutingId make_routing_id(const RandomSource& random);

// 32 hex digits; printed in lower case, read in either. Anything else is no id.
std::string to_string(const RoutingId& id);
std::optional<RoutingId> parse_routing_id(std::string_view text);

}  // namespace nb::naming

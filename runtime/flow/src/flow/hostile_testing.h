// What tests of hostile peers share: small words for what such a peer says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/authenticated_testing.h"

namespace nb::flow::testing {

inline constexpr Role kBothRoles[] = {Role::kDialer, Role::kAcceptor};

inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline std::string why_closed(const std::vector<Event>& events) {
  const auto closed = only<ConnectionClosed>(events);
  return closed.empty() ? "" : std::string(closed.front().why.message());
}

inline Auth signed_auth(const Impostor& peer, std::uint64_t key = 1) {
  Auth auth = *sign_auth(*peer.principal, peer.role, peer.binding);
  auth.blessings_key = key;
  return auth;
}
inline Auth unsigned_auth(std::uint64_t blessings, std::uint64_t discharges = 0) {
  Auth auth;
  auth.blessings_key = blessings;
  auth.discharges_key = discharges;
  return auth;
}

}  // namespace nb::flow::testing

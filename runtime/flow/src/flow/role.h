// Which end of a connection: the one that opened the transport connection, or the other. Fixed for its life.
#pragma once

#include <cstdint>

namespace nb::flow {

enum class Role : std::uint8_t { kDialer, kAcceptor };

// The role of the other end.
constexpr Role other(Role role) { return role == Role::kDialer ? Role::kAcceptor : Role::kDialer; }

}  // namespace nb::flow

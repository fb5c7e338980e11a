// What the options of a Setup message mean, and what two Setups agree on (docs/spec/flow-protocol.md 4.4, 4.5, 15.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <nb/base/result.h>

#include "flow/cipher.h"
#include "flow/message.h"
#include "flow/role.h"
#include "flow/version.h"
#include "naming/endpoint.h"

namespace nb::flow {

using SetupKey = std::array<std::uint8_t, 32>;

// The known options of one Setup; absent ones are empty.
struct SetupInfo {
  VersionRange versions;
  std::optional<SetupKey> key;
  std::optional<naming::Endpoint> remote;
  std::optional<naming::Endpoint> local;
  std::optional<std::uint64_t> mtu;
  std::optional<std::uint64_t> shared_tokens;
  std::vector<std::uint64_t> suites;  // numbers of suites of our own kind, best first
};

// The one there is (docs/spec/flow-protocol.md 3.5).
inline constexpr std::uint64_t kAes256GcmSuite = 1;

// Known options in ascending order of their codes, as the channel binding of other peers wants them.
Setup make_setup(const SetupInfo& info);

// Refuses what 15.2 says: too many options, a known one twice, a key of another size or of zeros only, long or bad
// endpoints, integers with something behind them, an MTU out of bounds.
Result<SetupInfo> read_setup(const Setup& setup);

struct Agreement {
  Version version = 0;
  std::uint64_t mtu = 0;   // of both directions
  std::uint64_t pool = 0;  // tokens shared by the flows that one end opens; the same at both ends
  Suite suite = Suite::kSecretbox;
};

// `own` has an MTU and shared tokens. A peer without a key is refused.
Result<Agreement> agree(const SetupInfo& own, const SetupInfo& peer, Role own_role);

}  // namespace nb::flow

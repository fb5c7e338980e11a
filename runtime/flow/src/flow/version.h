// Protocol versions and how two ends agree on one (docs/spec/flow-protocol.md 3.1).
#pragma once

#include <cstdint>

#include <nb/base/result.h>

namespace nb::flow {

using Version = std::uint64_t;

struct VersionRange {
  Version min = 0;
  Version max = 0;
  friend bool operator==(const VersionRange&, const VersionRange&) = default;
};

// 13 and 14 share one code path; 13 does not cover Setup by the channel binding and must be asked for (15.4).
inline constexpr VersionRange kSupportedVersions{13, 14};
inline constexpr VersionRange kDefaultVersions{14, 14};

// The highest version both ends speak, or an error that names both ranges.
Result<Version> negotiate_version(VersionRange own, VersionRange peer);

}  // namespace nb::flow

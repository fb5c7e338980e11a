#include "flow/version.h"

#include <algorithm>
#include <string>

#include "flow/errors.h"

namespace nb::flow {
namespace {

std::string spell(VersionRange range) { return std::to_string(range.min) + " to " + std::to_string(range.max); }

}  // namespace

Result<Version> negotiate_version(VersionRange own, VersionRange peer) {
  const Version common = std::min(own.max, peer.max);
  if (common >= own.min && common >= peer.min) return common;
  return kAborted("no common protocol version: this end speaks " + spell(own) + ", the peer " + spell(peer));
}

}  // namespace nb::flow

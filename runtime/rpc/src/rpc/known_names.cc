#include "rpc/known_names.h"

#include <cstddef>
#include <utility>

#include "naming/names.h"
#include "rpc/errors.h"

namespace nb::rpc {

namespace {

// A program that calls more names than this begins anew; none of it is needed for longer than a call.
constexpr std::size_t kMaxNames = 256;
constexpr std::size_t kMaxLength = 1024;

KnownName take_apart(const std::string& name) {
  KnownName known;
  naming::PatternName with_pattern = naming::split_pattern_name(name);
  known.pattern = std::move(with_pattern.pattern);
  naming::AddressName parts = naming::split_address_name(with_pattern.name);
  known.suffix = std::move(parts.suffix);
  if (parts.address.empty()) {
    known.why_not = kNonRootedName();
  } else if (auto endpoint = naming::parse_endpoint(parts.address)) {
    known.endpoint = std::move(*endpoint);
  } else {
    known.why_not = wrap(kInvalidEndpoint, endpoint.error());
  }
  return known;
}

}  // namespace

std::shared_ptr<const KnownName> KnownNames::find(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
  }
  auto known = std::make_shared<const KnownName>(take_apart(name));
  if (name.size() > kMaxLength) return known;
  const std::lock_guard lock(mutex_);
  if (names_.size() >= kMaxNames) names_.clear();
  names_.emplace(name, known);
  return known;
}

}  // namespace nb::rpc

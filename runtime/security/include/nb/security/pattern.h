// Names of blessings, and patterns that match them (docs/spec/security.md 7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>

#include "v.io/v23/security/security.vdl.h"

namespace nb {

using BlessingPattern = v23::security::BlessingPattern;

// What a certificate may add to a name (7.1). The error says which rule is broken.
Result<void> check_extension(std::string_view extension);

bool is_valid(const BlessingPattern& pattern);
// Whether one name matches. An invalid pattern matches nothing.
bool matches(const BlessingPattern& pattern, std::string_view name);
// Whether any name matches; "..." also matches when there is none.
bool matches_any(const BlessingPattern& pattern, const std::vector<std::string>& names);
// The pattern that does not match longer names: "a:b" becomes "a:b:$".
BlessingPattern non_extendable(const BlessingPattern& pattern);
// For "a:b:c": a:$, a:b:$, a:b:c.
std::vector<BlessingPattern> prefix_patterns(const BlessingPattern& pattern);

}  // namespace nb

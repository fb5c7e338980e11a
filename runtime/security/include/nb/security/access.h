// Access lists and permissions (docs/spec/security.md 10.4 and 10.5).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/authorizer.h>
#include <nb/security/caveat.h>

#include "v.io/v23/security/access/access.vdl.h"

namespace nb {

using AccessList = v23::security::access::AccessList;
using Permissions = v23::security::access::Permissions;

// Whether a caller with these valid names is in the list. NotIn takes away names, not callers ([A-48]).
bool includes(const AccessList& list, const std::vector<std::string>& names);
// Whether the list can be enforced by `principal` (InvalidOpenAccessList, UnenforceablePatterns).
Result<void> check_enforceable(const AccessList& list, const Principal& principal);
std::shared_ptr<const Authorizer> access_list_authorizer(AccessList list);

// The list for the method's tag of type `tag_type` must include the caller. No such tag, or two: refused.
Result<std::shared_ptr<const Authorizer>> permissions_authorizer(Permissions permissions, Type tag_type);
// With the standard tags, v23::security::access::Tag.
std::shared_ptr<const Authorizer> permissions_authorizer(Permissions permissions);
// Reads the JSON file at each check; unreadable: Internal.
Result<std::shared_ptr<const Authorizer>> permissions_file_authorizer(std::string path, Type tag_type);

// Holds for calls of methods that carry one of the tags; in CaveatValidators' standard set.
Caveat access_tag_caveat(const std::vector<v23::security::access::Tag>& tags);

// {"Read":{"In":["alice"],"NotIn":["alice:bob"]}}; at most 1 MiB.
Result<Permissions> permissions_from_json(std::string_view json);
// Deterministic: tags, patterns and names sorted, without duplicates; empty lists as null. BadArg for
// what is not UTF-8: JSON has no way to write it.
Result<std::string> permissions_to_json(const Permissions& permissions);

void normalize(AccessList& list);
void normalize(Permissions& permissions);
void add(Permissions& permissions, const BlessingPattern& pattern, const std::vector<std::string>& tags);
void blacklist(Permissions& permissions, const std::string& name, const std::vector<std::string>& tags);
// Takes `pattern_or_name` out of In and NotIn; no tags: of all.
void clear(Permissions& permissions, const std::string& pattern_or_name, const std::vector<std::string>& tags);

}  // namespace nb

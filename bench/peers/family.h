// The principals of a measurement: a head of a family, whose key and name lie in a folder of the measurement's own,
// and members with P-256 keys that it has named and that believe it.
#pragma once

#include <memory>
#include <string>

#include <nb/security/principal.h>

namespace bench {

// Once for each folder.
void make_family(const std::string& folder);
// A new key in memory, called "family:" + name.
std::shared_ptr<const nb::Principal> member(const std::string& folder, const std::string& name);
// The same in a folder of credentials, `folder`/name, as most programs have them; made if it is not there.
std::shared_ptr<const nb::Principal> member_in_folder(const std::string& folder, const std::string& name);

}  // namespace bench

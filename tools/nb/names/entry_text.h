// Mount entries in words. What mount tables say is theirs: it is made visible, and never obeyed.
#pragma once

#include <string>

#include <nb/rpc/namespace.h>

#include "cli/console.h"

namespace tool {

// "1h2m3s", or "for ever".
std::string time_left(const nb::Deadline& deadline);
// " (mount table)", " (leaf)" or nothing.
std::string kind_of(const nb::MountEntry& entry);
Json to_json(const nb::MountEntry& entry);
// The name under which a server of the entry is called.
std::string called(const v23::naming::MountedServer& server, const nb::MountEntry& entry);

}  // namespace tool

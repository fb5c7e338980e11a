// The blessing store of a credentials folder.
#pragma once

#include <memory>

#include <nb/base/log.h>
#include <nb/security/blessing_store.h>

#include "security/saved_file.h"

namespace nb::security {

// What is saved in `file`, and from then on follows it. Discharges that cannot be saved are kept in memory.
Result<std::shared_ptr<BlessingStore>> disk_store(const PublicKey& key, SavedFile file, std::shared_ptr<LogSink> log);

}  // namespace nb::security

// The blessing roots of a credentials folder.
#pragma once

#include <memory>

#include <nb/security/blessing_roots.h>

#include "security/saved_file.h"

namespace nb::security {

// What is saved in `file`, and from then on follows it.
Result<std::shared_ptr<BlessingRoots>> disk_roots(SavedFile file, std::shared_ptr<LogSink> log);

// The content of blessingroots.data, for the fuzzer: recognizes nothing that is not a key with a pattern.
Result<std::shared_ptr<BlessingRoots>> roots_from_bytes(BytesView bytes);

}  // namespace nb::security

// Keys that are not needed for a while.
#pragma once

#include <nb/security/public_key.h>

namespace nb::security {

// Gives back what OpenSSL holds for the key, 2.6 KB for P-256; it is made again, in a few microseconds, when somebody
// verifies with this key or a copy of it. For those who keep very many keys. Any thread.
void rest(const PublicKey& key);

}  // namespace nb::security

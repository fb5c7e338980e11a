// Reading private keys, with the bound on hostile files in the caller's hand.
#pragma once

#include <string_view>

#include <nb/base/result.h>
#include <nb/security/private_key.h>

namespace nb::security {

// A second or two of work. Far above what anybody writes, ourselves included.
inline constexpr long kMaxPbkdf2Rounds = 10'000'000;

Result<PrivateKey> read_private_key(std::string_view pem, const Passphrase& passphrase, long max_rounds);

}  // namespace nb::security

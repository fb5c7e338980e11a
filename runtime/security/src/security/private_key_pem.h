// Reading and writing private keys, with the work that encryption takes in the caller's hand.
#pragma once

#include <string>
#include <string_view>

#include <nb/base/result.h>
#include <nb/security/private_key.h>

namespace nb::security {

// A second or two of work. Far above what anybody writes, ourselves included.
inline constexpr long kMaxPbkdf2Rounds = 10'000'000;

// What we write with: what is advised today, a fraction of a second.
inline constexpr int kPbkdf2Rounds = 600'000;

// PKCS#8 encrypted as PrivateKey::to_pem says; `passphrase` is not empty.
Result<std::string> write_encrypted(const PrivateKey& key, const Passphrase& passphrase, int rounds);

// PrivateKey::from_pem, where a file may ask for at most `max_rounds`.
Result<PrivateKey> read_private_key(std::string_view pem, const Passphrase& passphrase, long max_rounds);

}  // namespace nb::security

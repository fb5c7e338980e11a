// Principals for tests: alice with the key 0x11…, the user with 0x22…, as in docs/spec/security.md 13.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <nb/security/principal.h>
#include <nb/security/security_call.h>

namespace nb::security::testing {

inline PrivateKey key_of(std::uint8_t byte, KeyAlgorithm algorithm = KeyAlgorithm::kEcdsaP256) {
  return PrivateKey::from_raw(algorithm, Bytes(32, byte)).value();
}

inline std::shared_ptr<const Principal> principal_of(PrivateKey key) {
  auto store = memory_store(key.public_key());
  return Principal::make(std::move(key), std::move(store), memory_roots()).value();
}
inline std::shared_ptr<const Principal> principal_of(std::uint8_t byte) { return principal_of(key_of(byte)); }

// A call that `local` judges at a fixed moment, from the owner of `remote`.
inline SecurityCall call_of(std::shared_ptr<const Principal> local, Blessings remote) {
  SecurityCall call;
  call.timestamp = Time(Time::kUnixEpoch + 1'000'000'000, 0);
  call.method = "Get";
  call.local_principal = std::move(local);
  call.remote_blessings = std::move(remote);
  return call;
}

}  // namespace nb::security::testing

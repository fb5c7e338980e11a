// The exchange of keys for one connection (docs/spec/flow-protocol.md 3.2): X25519 with a fresh key pair at each end.
#pragma once

#include <memory>

#include <nb/base/result.h>

#include "flow/cipher.h"
#include "flow/setup.h"

namespace nb::flow {

// Where key pairs come from: 32 bytes nobody can guess. Any number of threads.
class Randomness {
 public:
  virtual ~Randomness() = default;
  virtual SecretKey draw() = 0;
};

// The system's.
std::shared_ptr<Randomness> system_randomness();

// One end's key pair. The private key is wiped when the pair goes.
class KeyPair {
 public:
  explicit KeyPair(Randomness& randomness);
  ~KeyPair();
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;

  const SetupKey& public_key() const { return public_key_; }
  bool is_low(const SetupKey& peer) const { return public_key_ < peer; }
  // What this end and the owner of `peer` know. Refuses the own key coming back, with which both directions would have
  // the same nonces, and keys of low order, with which everybody would know it.
  Result<SecretKey> agree(const SetupKey& peer) const;

 private:
  SecretKey private_key_;
  SetupKey public_key_;
};

}  // namespace nb::flow

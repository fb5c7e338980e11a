#include "flow/key_agreement.h"

#include <sodium.h>

#include <nb/base/check.h>

#include "flow/errors.h"

namespace nb::flow {
namespace {

// libsodium picks its fast code then; it may be asked for from any thread, again and again.
void be_ready() { NB_CHECK(sodium_init() >= 0, "libsodium starts"); }

class SystemRandomness final : public Randomness {
 public:
  SecretKey draw() override {
    be_ready();
    SecretKey drawn;
    randombytes_buf(drawn.data(), drawn.size());
    return drawn;
  }
};

}  // namespace

std::shared_ptr<Randomness> system_randomness() { return std::make_shared<SystemRandomness>(); }

KeyPair::KeyPair(Randomness& randomness) : private_key_(randomness.draw()) {
  be_ready();
  crypto_scalarmult_base(public_key_.data(), private_key_.data());
}

KeyPair::~KeyPair() { sodium_memzero(private_key_.data(), private_key_.size()); }

Result<SecretKey> KeyPair::agree(const SetupKey& peer) const {
  if (peer == public_key_) return kAborted("the peer shows this end's own key");
  SecretKey shared;
  if (crypto_scalarmult(shared.data(), private_key_.data(), peer.data()) != 0) {
    return kAborted("the peer's key has low order");
  }
  return shared;
}

}  // namespace nb::flow

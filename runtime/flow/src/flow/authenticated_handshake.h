// The handshake with keys, seals and signatures (docs/spec/flow-protocol.md 4):
//
//   dialer      Setup … Setup of the peer, blessings, Auth of the peer … the application is asked … blessings, Auth
//   acceptor    Setup … Setup of the peer … blessings, Auth … blessings, Auth of the peer
//
// A dialer says nothing about itself but its fresh key before the application trusts the peer.
#pragma once

#include "flow/auth.h"
#include "flow/handshake.h"
#include "flow/key_agreement.h"

namespace nb::flow {

class AuthenticatedHandshake final : public Handshake {
 public:
  explicit AuthenticatedHandshake(const Options& options);

  Bytes first_message() override;
  Result<HandshakeStep> receive(const Message& message, BytesView encoded) override;
  Result<HandshakeStep> authorized() override;

 private:
  enum class State : std::uint8_t { kSetup, kAuth, kAnswer, kDone };

  Result<HandshakeStep> receive_setup(const Setup& setup, BytesView encoded);
  Result<HandshakeStep> receive_auth(const Auth& auth);
  std::unique_ptr<Cipher> make_cipher(const SecretKey& shared, const SetupKey& peer_key, BytesView peer_setup) const;
  ShownBlessings own_shown() const;
  Result<HandshakeStep> introduce(HandshakeStep step);
  HandshakeStep finish(HandshakeStep step);

  bool is_dialer() const { return options_.role == Role::kDialer; }

  const Options options_;
  const KeyPair key_pair_;
  SetupInfo own_;
  Bytes own_setup_;
  State state_ = State::kSetup;
  Bytes binding_;
  Handshaken session_;
};

}  // namespace nb::flow

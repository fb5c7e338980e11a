// Handshake: the part of a connection between its first byte and its first flow, with keys, seals and signatures
// (docs/spec/flow-protocol.md 4):
//
//   dialer      Setup … Setup of the peer, blessings, Auth of the peer … the application is asked … blessings, Auth
//   acceptor    Setup … Setup of the peer … blessings, Auth … blessings, Auth of the peer
//
// A dialer says nothing about itself but its fresh key before the application trusts the peer. The connection hands the
// handshake the messages that arrive and does what each step says; when it is done, the connection goes on with what
// was agreed. There is no connection without it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <nb/base/result.h>

#include "flow/auth.h"
#include "flow/blessings_flow.h"
#include "flow/cipher.h"
#include "flow/event.h"
#include "flow/key_agreement.h"
#include "flow/message.h"
#include "flow/options.h"
#include "flow/setup.h"

namespace nb::flow {

struct Handshaken {
  Agreement agreement;
  naming::Endpoint local;
  naming::Endpoint remote;
  bool peer_is_proxy = false;  // the dialer reached somebody else than it dialed, and did not authorize him
  std::unique_ptr<BlessingsFlow> blessings;
  ShownBlessings local_shown;
  ShownBlessings remote_shown;
};

// What the connection does next, in this order.
struct HandshakeStep {
  // Seals and opens every frame from here on, of which the Setup of this end is none.
  std::unique_ptr<Cipher> cipher;
  // To the peer.
  std::vector<Bytes> say;
  // The application decides: authorized() comes then, or nothing any more.
  std::optional<AuthorizePeer> ask;
  std::optional<Handshaken> done;
};

class Handshake {
 public:
  explicit Handshake(const Options& options);

  // The encoded message that opens the conversation; asked for once, before anything else.
  Bytes first_message();
  // One message of the peer, and the bytes that it was decoded from. An error ends the connection; its text goes to the
  // peer.
  Result<HandshakeStep> receive(const Message& message, BytesView encoded);
  // The application trusts the peer that it was asked about.
  Result<HandshakeStep> authorized();

 private:
  enum class State : std::uint8_t { kSetup, kAuth, kAnswer, kDone };

  Result<HandshakeStep> receive_setup(const Setup& setup, BytesView encoded);
  Result<HandshakeStep> receive_auth(const Auth& auth);
  naming::Endpoint settle_local(const SetupInfo& peer) const;
  naming::Endpoint settle_remote(const SetupInfo& peer) const;
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

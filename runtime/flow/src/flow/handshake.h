// Handshake: the part of a connection between its first byte and its first flow (docs/spec/flow-protocol.md 4).
//
// The connection hands it the messages that arrive and does what each step says; when it is done, the connection goes
// on with what was agreed. One class for each kind of security; make_handshake is the only place that knows which there
// are.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <nb/base/result.h>

#include "flow/blessings_flow.h"
#include "flow/cipher.h"
#include "flow/message.h"
#include "flow/options.h"
#include "flow/setup.h"

namespace nb::flow {

struct Handshaken {
  Agreement agreement;
  naming::Endpoint local;
  naming::Endpoint remote;
  bool peer_is_proxy = false;  // the dialer reached somebody else than it dialed, and did not authorize him
  std::unique_ptr<BlessingsFlow> blessings;  // null without authentication
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
  virtual ~Handshake() = default;
  // The encoded message that opens the conversation; asked for once, before anything else.
  virtual Bytes first_message() = 0;
  // One message of the peer, and the bytes that it was decoded from. An error ends the connection; its text goes to the
  // peer.
  virtual Result<HandshakeStep> receive(const Message& message, BytesView encoded) = 0;
  // The application trusts the peer that it was asked about.
  virtual Result<HandshakeStep> authorized() = 0;
};

std::unique_ptr<Handshake> make_handshake(const Options& options);

// What both kinds say in their Setup.
SetupInfo own_setup(const Options& options);

// The endpoints of a connection after both Setups are known: the dialer takes the acceptor's routing id over into the
// endpoint it dialed, the acceptor takes the dialer's endpoint; an end without an endpoint takes what the peer calls
// it.
naming::Endpoint settle_local(const Options& options, const SetupInfo& peer);
naming::Endpoint settle_remote(const Options& options, const SetupInfo& peer);

}  // namespace nb::flow

// Handshake: the part of a connection between its first byte and its first flow (docs/spec/flow-protocol.md 4).
//
// The connection hands it the messages that arrive and sends what it gives; when it is done, the connection goes on
// with what was agreed. One class for each kind of security; make_handshake is the only place that knows which there
// are.
#pragma once

#include <memory>
#include <optional>

#include <nb/base/result.h>

#include "flow/message.h"
#include "flow/options.h"
#include "flow/setup.h"

namespace nb::flow {

struct Handshaken {
  Agreement agreement;
  naming::Endpoint local;
  naming::Endpoint remote;
};

class Handshake {
 public:
  virtual ~Handshake() = default;
  // The message that opens the conversation; asked for once, before anything else.
  virtual Message first_message() = 0;
  // One message of the peer. Nothing: more has to come. An error ends the connection; its text goes to the peer.
  virtual Result<std::optional<Handshaken>> receive(const Message& message) = 0;
};

std::unique_ptr<Handshake> make_handshake(const Options& options);

// The endpoints of a connection after both Setups are known: the dialer takes the acceptor's routing id over into the
// endpoint it dialed, the acceptor takes the dialer's endpoint; an end without an endpoint takes what the peer calls
// it.
naming::Endpoint settle_local(const Options& options, const SetupInfo& peer);
naming::Endpoint settle_remote(const Options& options, const SetupInfo& peer);

}  // namespace nb::flow

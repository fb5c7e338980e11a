// The handshake without keys, for the time until the authenticated one is built: both ends send a Setup without a key
// and are done when the other's has come. Nothing is sealed, nobody is authenticated.
#pragma once

#include "flow/handshake.h"

namespace nb::flow {

class PlainHandshake final : public Handshake {
 public:
  explicit PlainHandshake(const Options& options);

  Bytes first_message() override;
  Result<HandshakeStep> receive(const Message& message, BytesView encoded) override;
  Result<HandshakeStep> authorized() override;

 private:
  Options options_;
  SetupInfo own_;
};

}  // namespace nb::flow

// The handshake without keys, for the time until the authenticated one is built: both ends send a Setup without a key
// and are done when the other's has come. Nothing is sealed, nobody is authenticated.
#pragma once

#include "flow/handshake.h"

namespace nb::flow {

class PlainHandshake final : public Handshake {
 public:
  explicit PlainHandshake(const Options& options);

  Message first_message() override;
  Result<std::optional<Handshaken>> receive(const Message& message) override;

 private:
  Options options_;
  SetupInfo own_;
};

}  // namespace nb::flow

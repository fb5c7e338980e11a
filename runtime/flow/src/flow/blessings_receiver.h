// BlessingsReceiver: the receiving direction of the blessings flow (docs/spec/flow-protocol.md 6).
//
// What arrives is decoded at once, in bounded memory, but nothing is believed before it is used: resolve() checks the
// chains then, and that the blessings are bound to the key that signed the handshake. So objects that arrived before
// that signature gain nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/public_key.h>
#include <nb/vom/decoder.h>

#include "flow/key_table.h"
#include "flow/shown_blessings.h"

namespace nb::flow {

class BlessingsReceiver {
 public:
  // `cache` may be null. `seed` is random.
  BlessingsReceiver(std::shared_ptr<ChainCache> cache, std::uint64_t seed);

  // Bytes of flow 1. An error ends the connection: the stream is malformed, gives a number twice or too many of them,
  // or is too large or encrypted.
  Result<void> receive(BytesView bytes);

  // What a message names. An error ends the connection: no such numbers, not valid, or bound to another key.
  Result<ShownBlessings> resolve(std::uint64_t blessings_key, std::uint64_t discharges_key);

  // From now on all blessings must be bound to this key. Once.
  void bind(PublicKey key);

 private:
  struct Received {
    v23::security::WireBlessings wire;  // until it was checked
    std::optional<Blessings> checked;
  };

  Result<void> receive_value(std::size_t unread_before);

  std::shared_ptr<ChainCache> cache_;  // shared with all connections
  vom::Decoder decoder_;
  KeyTable<Received> blessings_;
  KeyTable<std::shared_ptr<const Discharges>> discharges_;
  PublicKey bound_key_;  // none before bind()
  std::size_t values_before_bind_ = 0;
};

}  // namespace nb::flow

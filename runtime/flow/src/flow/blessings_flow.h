// BlessingsFlow: both directions of flow 1 of one connection.
#pragma once

#include "flow/blessings_receiver.h"
#include "flow/blessings_sender.h"

namespace nb::flow {

inline constexpr std::uint64_t kBlessingsFlowId = 1;

struct BlessingsFlow {
  BlessingsFlow(std::shared_ptr<ChainCache> cache, std::uint64_t seed) : receiver(std::move(cache), seed) {}

  BlessingsSender sender;
  BlessingsReceiver receiver;
};

// The sender's bytes as encoded Data messages, which must leave before what names the blessings.
std::vector<Bytes> take_messages(BlessingsSender& sender);

}  // namespace nb::flow

#include "flow/blessings_flow.h"

#include <algorithm>

#include "flow/codec.h"

namespace nb::flow {
namespace {

// Below what peers of our kind accept in one frame, whatever the stream holds, and below what a flow takes that carries
// a connection inside another (docs/spec/flow-protocol.md 12.4).
constexpr std::size_t kMaxPart = 32 * 1024;

}  // namespace

std::vector<Bytes> take_messages(BlessingsSender& sender) {
  std::vector<Bytes> messages;
  const Bytes stream = sender.take_output();
  for (BytesView rest = stream; !rest.empty();) {
    const BytesView part = rest.first(std::min(rest.size(), kMaxPart));
    rest = rest.subspan(part.size());
    Bytes& message = messages.emplace_back();
    message.reserve(part.size() + 8);
    append_head(message, Data{kBlessingsFlowId, 0, {}});
    message.insert(message.end(), part.begin(), part.end());
  }
  return messages;
}

}  // namespace nb::flow

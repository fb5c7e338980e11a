// A stream of a hostile peer into a connection core. The first byte of the input chooses how the end is set up and how
// the stream is cut; the rest is the stream. A sound Setup may come first by itself, so that the search need not find
// it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <nb/base/check.h>

#include "flow/codec.h"
#include "flow/connection.h"
#include "flow/frame_reader.h"

namespace {

using namespace nb::flow;

nb::Bytes peer_setup() {
  constexpr std::string_view kEndpoint = "@6@tcp@h:1@@ab000000000000000000000000000001@s@@@";
  const Setup setup{14, 14, {{3, nb::Bytes(kEndpoint.begin(), kEndpoint.end())}, {4, {0xfe, 0x08, 0x00}}}};
  const nb::Bytes message = encode(setup);
  const auto header = frame_header(message.size());
  nb::Bytes frame(header.begin(), header.end());
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

// An application that uses what it is told: answers flows, reads some, closes some.
void act(Connection& connection, std::vector<Event> events) {
  for (Event& event : events) {
    if (const auto* const opened = std::get_if<FlowOpened>(&event)) {
      connection.write(opened->id, nb::Bytes(opened->id % 5000, 1), opened->id % 3 == 0);
    } else if (const auto* const payload = std::get_if<FlowPayload>(&event)) {
      connection.consumed(payload->id, payload->payload.size() / 2);
    } else if (const auto* const closed = std::get_if<FlowClosed>(&event)) {
      if (closed->id % 4 == 1) connection.close_flow(closed->id);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  nb::BytesView stream(data + 1, size - 1);

  Options options((mode & 1) != 0 ? Role::kDialer : Role::kAcceptor, Security::kPlaintextWithoutAnyAuthentication);
  options.accepts_flows = (mode & 2) != 0;
  options.mtu = 2048;
  options.window = 4096;
  options.limits.flows = 8;
  TimePoint now{};
  Connection connection(options, now);
  if ((mode & 4) != 0) {
    connection.receive(peer_setup(), now);
    NB_CHECK(connection.is_established(), "the fuzzer's own Setup is sound");
    if (const auto id = connection.open_flow()) connection.write(*id, nb::Bytes(9000, 2), (mode & 8) != 0);
    (void)connection.open_flow();
  }

  const std::size_t step = 1 + (mode >> 4) * std::size_t{17};
  while (!stream.empty()) {
    const nb::BytesView part = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(part.size());
    now += std::chrono::seconds(part[0] % 4);
    connection.receive(part, now);
    connection.advance(now);
    act(connection, connection.take_events());
    while (connection.has_output()) {
      const Output output = connection.take_output(4096);
      for (std::size_t i = 0; i < output.frame_count(); ++i) {
        NB_CHECK(decode(output.flat_frame(i)).ok(), "what an end says can be read");
      }
      if (output.empty()) break;
    }
  }
  connection.transport_closed(nb::Error());
  NB_CHECK(connection.is_closed() && !connection.has_output(), "a connection without a transport is over");
  return 0;
}

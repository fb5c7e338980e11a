// Small things that tests of connection cores need; the ends themselves are in authenticated_testing.h.
#pragma once

#include <string>
#include <vector>

#include "flow/event.h"
#include "flow/frame_reader.h"
#include "flow/hex.h"
#include "naming/endpoint.h"

namespace nb::flow::testing {

inline naming::Endpoint endpoint_with_id(std::uint8_t last_byte) {
  naming::Endpoint endpoint;
  endpoint.protocol = "tcp";
  endpoint.address = "127.0.0.1:8101";
  endpoint.routing_id.bytes[0] = 0xab;
  endpoint.routing_id.bytes[15] = last_byte;
  return endpoint;
}

inline Bytes with_header(BytesView content) {
  const auto header = frame_header(content.size());
  Bytes frame(header.begin(), header.end());
  frame.insert(frame.end(), content.begin(), content.end());
  return frame;
}

// The events of one kind.
template <class T>
std::vector<T> only(const std::vector<Event>& events) {
  std::vector<T> found;
  for (const Event& event : events) {
    if (const T* const one = std::get_if<T>(&event)) found.push_back(*one);
  }
  return found;
}

// What arrived on a flow, as one text.
inline std::string received(const std::vector<Event>& events, FlowId id) {
  std::string text;
  for (const FlowPayload& event : only<FlowPayload>(events)) {
    if (event.id == id) text += as_text(event.payload);
  }
  return text;
}

}  // namespace nb::flow::testing

// Two ways to test a connection core without I/O: Pair connects two of them in memory, Scripted puts one against a peer
// that says whatever the test wants. The clock is moved by hand.
#pragma once

#include <string>
#include <vector>

#include "flow/codec.h"
#include "flow/connection.h"
#include "flow/frame_reader.h"
#include "flow/hex.h"

namespace nb::flow::testing {

inline naming::Endpoint endpoint_with_id(std::uint8_t last_byte) {
  naming::Endpoint endpoint;
  endpoint.protocol = "tcp";
  endpoint.address = "127.0.0.1:8101";
  endpoint.routing_id.bytes[0] = 0xab;
  endpoint.routing_id.bytes[15] = last_byte;
  return endpoint;
}

// Both ends accept flows.
inline Options plain_options(Role role) {
  Options options(role, Security::kPlaintextWithoutAnyAuthentication);
  options.local = endpoint_with_id(role == Role::kDialer ? 1 : 2);
  if (role == Role::kDialer) options.remote = endpoint_with_id(2);
  options.accepts_flows = true;
  return options;
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

class Pair {
 public:
  explicit Pair(Options dialer_options = plain_options(Role::kDialer),
                Options acceptor_options = plain_options(Role::kAcceptor))
      : dialer(std::move(dialer_options), now), acceptor(std::move(acceptor_options), now) {
    pump();
  }

  // Moves frames both ways until both ends are silent; events gather in the lists. Returns the number of frames.
  std::size_t pump() {
    std::size_t frames = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (const bool to_acceptor : {true, false}) {
        Connection& from = to_acceptor ? dialer : acceptor;
        Connection& to = to_acceptor ? acceptor : dialer;
        while (from.has_output()) {
          const Output output = from.take_output();
          frames += output.frame_count();
          if (output.empty()) break;
          to.receive(output.flat(), now);
          moved = true;
        }
      }
      gather();
    }
    return frames;
  }
  void gather() {
    for (Event& event : dialer.take_events()) dialer_events.push_back(std::move(event));
    for (Event& event : acceptor.take_events()) acceptor_events.push_back(std::move(event));
  }
  // Moves the clock and lets both ends' timers fire.
  void pass(Duration time) {
    now += time;
    dialer.advance(now);
    acceptor.advance(now);
    pump();
  }

  TimePoint now{std::chrono::hours(1)};
  Connection dialer;
  Connection acceptor;
  std::vector<Event> dialer_events;
  std::vector<Event> acceptor_events;
};

// One real end, by default an acceptor, and a peer that is the test itself.
class Scripted {
 public:
  explicit Scripted(Options options = plain_options(Role::kAcceptor)) : end(std::move(options), now) {}

  // The peer's Setup, so that the real end is established.
  void shake_hands() {
    Setup setup{14, 14, {}};
    setup.options.push_back({3, bytes(naming::to_string(endpoint_with_id(9)))});
    setup.options.push_back({4, from_hex("fd010000")});
    setup.options.push_back({5, from_hex("fd100000")});
    say(setup);
    heard();
  }
  void say(const Message& message) { say_bytes(with_header(encode(message))); }
  void say_bytes(BytesView stream) { end.receive(stream, now); }

  // What the real end has to say, decoded.
  std::vector<Message> heard() {
    std::vector<Message> messages;
    while (end.has_output()) {
      const Output output = end.take_output();
      for (std::size_t i = 0; i < output.frame_count(); ++i) messages.push_back(*decode(output.flat_frame(i)));
    }
    for (Event& event : end.take_events()) events.push_back(std::move(event));
    return messages;
  }
  // The text of the TearDown the real end answers with; "" when it does not.
  std::string refusal() {
    for (const Message& message : heard()) {
      if (const auto* const tear_down = std::get_if<TearDown>(&message)) return tear_down->text;
    }
    return "";
  }

  TimePoint now{std::chrono::hours(1)};
  Connection end;
  std::vector<Event> events;
};

}  // namespace nb::flow::testing

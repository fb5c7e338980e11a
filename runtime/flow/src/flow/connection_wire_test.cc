// What may happen to the frames of an authenticated connection on their way: cuts change nothing, everything else ends
// it.
#include <doctest/doctest.h>

#include "flow/schedule_testing.h"

namespace nb::flow {
namespace {

using namespace flow::testing;

constexpr std::size_t kHandshakeFrames = 3;  // of the dialer: Setup, blessings, Auth

// All frames that a dialer says to an acceptor, with their headers. They are the same in every run, since keys and
// signatures are; so they can be said to another acceptor that is the same.
std::vector<Bytes> recorded(bool aes) {
  TimePoint now{std::chrono::hours(1)};
  Connection dialer(schedule_options(Role::kDialer, 8192, aes), now);
  Connection acceptor(schedule_options(Role::kAcceptor, 8192, aes), now);
  std::vector<Bytes> frames;
  const auto exchange = [&] {
    while (dialer.has_output() || acceptor.has_output()) {
      const Output output = dialer.take_output();
      for (std::size_t i = 0; i < output.frame_count(); ++i) {
        frames.push_back(with_header(output.flat_frame(i)));
        acceptor.receive(frames.back(), now);
      }
      dialer.receive(acceptor.take_output().flat(), now);
      if (!only<AuthorizePeer>(dialer.take_events()).empty()) dialer.authorize();
    }
  };
  exchange();
  NB_CHECK(dialer.is_established(), "the recorded handshake succeeds");
  NB_CHECK(frames.size() == kHandshakeFrames, "a handshake is so many frames");
  const FlowId first = *dialer.open_flow();
  dialer.write(first, bytes("hello"), false);
  exchange();
  const FlowId second = *dialer.open_flow();
  dialer.write(second, Bytes(150, 'x'), false);
  dialer.write(first, bytes("world"), true);
  exchange();
  dialer.close_flow(second);
  exchange();
  dialer.close(Error("test.Bye", NoRetry, "bye"));
  exchange();
  return frames;
}

// An acceptor like the one of the recording, and what it makes of what it hears.
struct Listener {
  explicit Listener(bool aes) : end(schedule_options(Role::kAcceptor, 8192, aes), now) {}
  void hear(BytesView stream) {
    end.receive(stream, now);
    for (const Event& event : end.take_events()) tell(event);
    while (end.has_output()) (void)end.take_output();
  }
  void hear(const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) hear(frame);
  }
  void tell(const Event& event) {
    if (std::holds_alternative<Established>(event)) story += "established;";
    if (const auto* const opened = std::get_if<FlowOpened>(&event)) story += " +" + std::to_string(opened->id);
    if (const auto* const payload = std::get_if<FlowPayload>(&event))
      story += " " + std::string(as_text(payload->payload));
    const auto* const closed_flow = std::get_if<FlowClosed>(&event);
    if (closed_flow != nullptr && closed_flow->by == ClosedBy::kPeer) story += " -" + std::to_string(closed_flow->id);
    if (const auto* const closed = std::get_if<ConnectionClosed>(&event)) why = closed->why.message();
  }

  TimePoint now{std::chrono::hours(1)};
  Connection end;
  std::string story;
  std::string why;
};

Bytes joined(const std::vector<Bytes>& frames) {
  Bytes stream;
  for (const Bytes& frame : frames) stream.insert(stream.end(), frame.begin(), frame.end());
  return stream;
}

// What is heard up to each frame.
std::vector<std::string> stories(bool aes, const std::vector<Bytes>& frames) {
  Listener listener(aes);
  std::vector<std::string> all;
  for (const Bytes& frame : frames) {
    all.push_back(listener.story);
    listener.hear(frame);
  }
  all.push_back(listener.story);
  return all;
}

TEST_CASE("a recorded conversation can be said again to the same acceptor") {
  for (const bool aes : {false, true}) {
    const auto all = stories(aes, recorded(aes));
    CHECK(all.back() == "established; +10 hello +12 " + std::string(150, 'x') + " world -10 -12");
  }
}

TEST_CASE("the frames of a conversation may be cut at every byte, from the first to the last") {
  for (const bool aes : {false, true}) {
    const auto frames = recorded(aes);
    const std::string story = stories(aes, frames).back();
    const Bytes stream = joined(frames);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      CAPTURE(cut);
      Listener listener(aes);
      listener.hear(BytesView(stream).first(cut));
      listener.hear(BytesView(stream).subspan(cut));
      REQUIRE(listener.story == story);
      REQUIRE(listener.why == "network error: remote end received err: bye");
    }
  }
}

TEST_CASE("the frames of a conversation may come in chunks of every size") {
  for (const bool aes : {false, true}) {
    const auto frames = recorded(aes);
    const std::string story = stories(aes, frames).back();
    const Bytes stream = joined(frames);
    for (std::size_t size = 1; size <= stream.size(); size += size < 300 ? 1 : 37) {
      CAPTURE(size);
      Listener listener(aes);
      for (std::size_t at = 0; at < stream.size(); at += size) {
        listener.hear(BytesView(stream).subspan(at, std::min(size, stream.size() - at)));
      }
      REQUIRE(listener.story == story);
    }
  }
}

TEST_CASE("a conversation that breaks off after any byte is heard up to its last whole frame") {
  const auto frames = recorded(true);
  const auto all = stories(true, frames);
  const Bytes stream = joined(frames);
  std::size_t whole = 0, end_of_next = frames[0].size();
  for (std::size_t size = 0; size < stream.size(); ++size) {
    if (size == end_of_next) end_of_next += frames[++whole].size();
    Listener listener(true);
    listener.hear(BytesView(stream).first(size));
    listener.end.transport_closed(Error());
    CAPTURE(size);
    REQUIRE(listener.story == all[whole]);
    REQUIRE(listener.end.is_closed());
  }
}

// Hears frames, of which the one with this number is the first that is not as it was said.
void check_refused(bool aes, const std::vector<Bytes>& frames, std::size_t wrong, const std::vector<std::string>& all) {
  Listener listener(aes);
  listener.hear(frames);
  CAPTURE(aes);
  CAPTURE(wrong);
  REQUIRE(listener.story == all[wrong]);
  REQUIRE(listener.end.is_closed());
  if (wrong > 0) REQUIRE(listener.why.find("a frame is not what the peer sealed") != std::string::npos);
}

TEST_CASE("a frame that comes twice, is missing or comes before its turn ends the connection") {
  for (const bool aes : {false, true}) {
    const auto frames = recorded(aes);
    const auto all = stories(aes, frames);
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
      CAPTURE(i);
      auto twice = frames;
      twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), frames[i]);
      check_refused(aes, twice, i + 1, all);
      auto swapped = frames;
      std::swap(swapped[i], swapped[i + 1]);
      check_refused(aes, swapped, i, all);
      auto missing = frames;
      missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
      check_refused(aes, missing, i, all);
    }
    // An early frame once more at a late place.
    for (std::size_t early = 1; early + 1 < frames.size(); ++early) {
      auto again = frames;
      again.insert(again.end() - 1, frames[early]);
      check_refused(aes, again, frames.size() - 1, all);
    }
  }
}

TEST_CASE("a sealed frame of which any byte was changed ends the connection, in the handshake and after it") {
  for (const bool aes : {false, true}) {
    const auto frames = recorded(aes);
    const auto all = stories(aes, frames);
    for (std::size_t i = 1; i < frames.size(); ++i) {
      // The blessings are long: some of their bytes will do.
      const std::size_t step = frames[i].size() > 500 ? 23 : 1;
      for (std::size_t at = kFrameHeaderSize; at < frames[i].size(); at += step) {
        auto changed = frames;
        changed[i][at] ^= static_cast<std::uint8_t>(1u << at % 8);
        check_refused(aes, changed, i, all);
      }
      auto shorter = frames;
      shorter[i] = with_header(BytesView(frames[i]).subspan(kFrameHeaderSize, frames[i].size() - kFrameHeaderSize - 1));
      check_refused(aes, shorter, i, all);
      auto longer = frames;
      longer[i].push_back(0);
      longer[i] = with_header(BytesView(longer[i]).subspan(kFrameHeaderSize));
      check_refused(aes, longer, i, all);
    }
  }
}

TEST_CASE("a frame whose length was changed is never heard") {
  const auto frames = recorded(true);
  const auto all = stories(true, frames);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (std::size_t bit = 0; bit < 8 * kFrameHeaderSize; ++bit) {
      auto changed = frames;
      changed[i][bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
      Listener listener(true);
      listener.hear(changed);
      CAPTURE(i);
      CAPTURE(bit);
      // It waits for a frame that is longer than what was said, or the connection has ended.
      REQUIRE(listener.story == all[i]);
    }
  }
}

TEST_CASE("[A-40] a Setup of which any byte was changed never leads to a connection") {
  for (const bool aes : {false, true}) {
    const auto frames = recorded(aes);
    for (std::size_t at = kFrameHeaderSize; at < frames[0].size(); ++at) {
      for (const unsigned bit : {0u, 5u}) {
        auto changed = frames;
        changed[0][at] ^= static_cast<std::uint8_t>(1u << bit);
        Listener listener(aes);
        listener.hear(changed);
        CAPTURE(at);
        REQUIRE(listener.story.empty());
        REQUIRE(listener.end.is_closed());
      }
    }
  }
}

}  // namespace
}  // namespace nb::flow

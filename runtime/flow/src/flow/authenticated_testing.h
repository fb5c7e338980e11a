// Three ways to test a connection core without I/O, all with keys that are the same in every run and a clock that is
// moved by hand: AuthenticatedPair connects two real ends in memory; Impostor puts one against a peer that does all the
// cryptography and says whatever the test wants, in the handshake already; Scripted is for what comes after it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/check.h>

#include "flow/auth.h"
#include "flow/blessings_flow.h"
#include "flow/codec.h"
#include "flow/connection.h"
#include "flow/connection_testing.h"

namespace nb::flow::testing {

inline Bytes counting_bytes(std::uint8_t first) {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

inline std::shared_ptr<const Principal> principal_with(PrivateKey key) {
  const PublicKey public_key = key.public_key();
  return *Principal::make(std::move(key), memory_store(public_key), memory_roots());
}
// Ed25519; the seed counts up from `first`. The same object each time.
inline std::shared_ptr<const Principal> principal(std::uint8_t first) {
  static std::map<std::uint8_t, std::shared_ptr<const Principal>> known;
  auto& made = known[first];
  if (!made) made = principal_with(*PrivateKey::from_raw(KeyAlgorithm::kEd25519, counting_bytes(first)));
  return made;
}

// A key pair that is the same in every run.
class FixedRandomness final : public Randomness {
 public:
  explicit FixedRandomness(std::uint8_t first) : first_(first) {}
  SecretKey draw() override {
    SecretKey key;
    const Bytes bytes = counting_bytes(first_);
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
  }

 private:
  std::uint8_t first_;
};

inline Identity identity_of(std::shared_ptr<const Principal> principal, std::string_view name) {
  Identity identity;
  identity.principal = std::move(principal);
  if (!name.empty()) identity.shown = ShownBlessings(*identity.principal->bless_self(name));
  return identity;
}

// Both accept flows; the acceptor is called "server", the dialer "client".
inline Options authenticated_options(Role role) {
  Options options(role);
  options.local = endpoint_with_id(role == Role::kDialer ? 1 : 2);
  if (role == Role::kDialer) options.remote = endpoint_with_id(2);
  options.accepts_flows = true;
  options.identity =
      role == Role::kDialer ? identity_of(principal(0x21), "client") : identity_of(principal(1), "server");
  return options;
}

class AuthenticatedPair {
 public:
  using Answer = std::function<void(Connection&, const AuthorizePeer&)>;

  explicit AuthenticatedPair(
      Options dialer_options = authenticated_options(Role::kDialer),
      Options acceptor_options = authenticated_options(Role::kAcceptor),
      Answer answer = [](Connection& end, const AuthorizePeer&) { end.authorize(); })
      : dialer(std::move(dialer_options), now), acceptor(std::move(acceptor_options), now), answer_(std::move(answer)) {
    pump();
  }

  // Moves frames both ways until both ends are silent; events gather in the lists. Returns the number of frames.
  std::size_t pump() {
    std::size_t frames = 0;
    for (bool moved = true; moved;) {
      moved = gather();
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
    }
    return frames;
  }
  // Moves the clock and lets both ends' timers fire.
  void pass(Duration time) {
    now += time;
    dialer.advance(now);
    acceptor.advance(now);
    pump();
  }
  bool gather() {
    bool any = false;
    for (Event& event : dialer.take_events()) {
      any = true;
      if (const auto* const ask = std::get_if<AuthorizePeer>(&event)) answer_(dialer, *ask);
      dialer_events.push_back(std::move(event));
    }
    for (Event& event : acceptor.take_events()) {
      any = true;
      acceptor_events.push_back(std::move(event));
    }
    return any;
  }

  TimePoint now{std::chrono::hours(1)};
  Connection dialer;
  Connection acceptor;
  std::vector<Event> dialer_events;
  std::vector<Event> acceptor_events;

 private:
  Answer answer_;
};

// A real end against a peer that the test plays. The peer says its Setup when it is told to; from then on it can seal.
class Impostor {
 public:
  // `role` is the peer's; the real end has the other one and options to match.
  explicit Impostor(Role role)
      : Impostor(role, authenticated_options(role == Role::kDialer ? Role::kAcceptor : Role::kDialer)) {}
  Impostor(Role role, Options options_of_end)
      : end(std::move(options_of_end), now), role(role), key_pair(make_key_pair()) {
    setup.versions = {14, 14};
    setup.key = key_pair.public_key();
    setup.local = endpoint_with_id(role == Role::kDialer ? 1 : 2);
    setup.mtu = 65536;
    setup.shared_tokens = 1u << 20;
    hear();
  }

  // Says `setup`, as it is, and works out keys and binding.
  void say_setup() { say_setup(encode(make_setup(setup))); }
  void say_setup(const Bytes& encoded) {
    own_setup = encoded;
    say_clear(encoded);
    const SetupInfo theirs = *read_setup(std::get<Setup>(*decode(their_setup)));
    const Result<SecretKey> shared = key_pair.agree(*theirs.key);
    NB_CHECK(shared.ok(), "the keys of tests are good ones");
    const Bytes& dialer = role == Role::kDialer ? own_setup : their_setup;
    const Bytes& acceptor = role == Role::kDialer ? their_setup : own_setup;
    cipher = setup.suites.empty() || theirs.suites.empty() ? make_secretbox(*shared, key_pair.is_low(*theirs.key))
                                                           : make_aes_gcm(*shared, role, dialer, acceptor);
    binding = channel_binding(std::min(setup.versions.max, theirs.versions.max), dialer, acceptor,
                              key_pair.public_key(), *theirs.key);
    // An acceptor introduces itself before this peer had the keys to hear it.
    if (role == Role::kDialer) {
      for (Bytes& frame : std::exchange(early, {})) hear_frame(std::move(frame));
    }
    hear();
  }
  // The whole handshake, as an honest peer; the real end authorizes whom it meets.
  void shake_hands() {
    say_setup();
    introduce();
    end.authorize();
    hear();
  }
  // Blessings and Auth.
  void introduce() { introduce(ShownBlessings(*principal->bless_self("peer"))); }
  void introduce(const ShownBlessings& shown) {
    const BlessingsSender::Keys keys = tell(shown);
    Auth auth = *sign_auth(*principal, role, binding);
    auth.blessings_key = keys.blessings;
    auth.discharges_key = keys.discharges;
    say(auth);
  }
  // On flow 1; gives the numbers.
  BlessingsSender::Keys tell(const ShownBlessings& shown) {
    const BlessingsSender::Keys keys = sender.keys_for(shown);
    for (const Bytes& message : take_messages(sender)) say_sealed(message);
    return keys;
  }

  void say(const Message& message) { say_sealed(encode(message)); }
  void say_sealed(Bytes message) { say_clear(seal(std::move(message))); }
  void say_clear(BytesView content) { say_bytes(with_header(content)); }
  void say_bytes(BytesView stream) {
    end.receive(stream, now);
    if (hears_at_once) hear();
  }
  // The frame's content.
  Bytes seal(Bytes message) {
    MutableBytes pieces[] = {message};
    Bytes tag(kTagSize);
    cipher->seal(pieces, tag.data());
    message.insert(cipher->tag_leads() ? message.begin() : message.end(), tag.begin(), tag.end());
    return message;
  }

  // Takes what the real end has to say into `heard`, and its events into `events`.
  void hear() {
    while (end.has_output()) {
      const Output output = end.take_output();
      for (std::size_t i = 0; i < output.frame_count(); ++i) hear_frame(output.flat_frame(i));
    }
    for (Event& event : end.take_events()) events.push_back(std::move(event));
  }
  void hear_frame(Bytes frame) {
    if (their_setup.empty()) {
      their_setup = std::move(frame);
      return;
    }
    if (!cipher && !end.is_closed()) {
      early.push_back(std::move(frame));
      return;
    }
    if (is_payload_next_) {
      is_payload_next_ = false;
      heard.push_back(Data{kBlessingsFlowId, kDisableEncryption, std::move(frame)});
      return;
    }
    const auto opened = cipher ? cipher->open(frame) : std::optional(MutableBytes(frame));
    // Who is refused before both ends have keys is told in the clear.
    heard.push_back(*decode(opened ? BytesView(*opened) : BytesView(frame)));
    const auto* const data = std::get_if<Data>(&heard.back());
    is_payload_next_ = data != nullptr && (data->flags & kDisableEncryption) != 0;
  }
  template <class T>
  std::vector<T> heard_of() const {
    std::vector<T> found;
    for (const Message& message : heard) {
      if (const T* const one = std::get_if<T>(&message)) found.push_back(*one);
    }
    return found;
  }
  // The text of the TearDown the real end has answered with; "" when it has not.
  std::string refusal() const {
    const auto tear_downs = heard_of<TearDown>();
    return tear_downs.empty() ? "" : tear_downs.front().text;
  }
  bool refused_with(std::string_view text) const {
    return end.is_closed() && refusal().find(text) != std::string::npos;
  }

  static KeyPair make_key_pair() {
    FixedRandomness randomness(0xc0);
    return KeyPair(randomness);
  }

  TimePoint now{std::chrono::hours(1)};
  Connection end;
  Role role;
  bool hears_at_once = true;  // whatever it says, what it is answered included
  KeyPair key_pair;
  std::shared_ptr<const Principal> principal = testing::principal(0x61);
  SetupInfo setup;
  Bytes own_setup;
  Bytes their_setup;
  Bytes binding;
  std::unique_ptr<Cipher> cipher;
  BlessingsSender sender;
  std::vector<Bytes> early;  // what a dialer said before this peer had keys: nothing
  std::vector<Message> heard;
  std::vector<Event> events;

 private:
  bool is_payload_next_ = false;  // the next frame is no message
};

// A real end, by default an acceptor, against a peer that the test plays once the handshake is done. What the end says
// is only heard when the test asks.
class Scripted {
 public:
  explicit Scripted(Options options = authenticated_options(Role::kAcceptor))
      : peer_(other(options.role), std::move(options)), end(peer_.end), now(peer_.now), events(peer_.events) {
    peer_.hears_at_once = false;
  }

  // The blessings that the peer shows have number 1.
  void shake_hands() {
    peer_.hears_at_once = true;
    peer_.shake_hands();
    peer_.hears_at_once = false;
    NB_CHECK(end.is_established(), "the handshake of an honest peer is accepted");
    (void)heard();
  }
  // Under seal after the handshake, in the clear before it.
  void say(const Message& message) { say_encoded(encode(message)); }
  void say_encoded(Bytes message) {
    if (peer_.cipher) return peer_.say_sealed(std::move(message));
    peer_.say_clear(message);
  }
  void say_bytes(BytesView stream) { peer_.say_bytes(stream); }
  // The frame of a message, for who wants to send it another time or changed.
  Bytes sealed(const Message& message) { return with_header(peer_.seal(encode(message))); }

  // What the real end has to say, but for the blessings that it shows.
  std::vector<Message> heard() {
    peer_.hear();
    return told();
  }
  // The same of frames that the test has taken itself, and of nothing else.
  std::vector<Message> heard_of(const Output& output) {
    for (std::size_t i = 0; i < output.frame_count(); ++i) peer_.hear_frame(output.flat_frame(i));
    return told();
  }
  // The text of the TearDown the real end answers with; "" when it does not.
  std::string refusal() {
    for (const Message& message : heard()) {
      if (const auto* const tear_down = std::get_if<TearDown>(&message)) return tear_down->text;
    }
    return "";
  }

 private:
  std::vector<Message> told() {
    std::vector<Message> messages = std::exchange(peer_.heard, {});
    std::erase_if(messages, [](const Message& message) {
      const auto* const data = std::get_if<Data>(&message);
      return data != nullptr && data->id == kBlessingsFlowId;
    });
    return messages;
  }

  Impostor peer_;

 public:
  Connection& end;
  TimePoint& now;
  std::vector<Event>& events;
};

}  // namespace nb::flow::testing

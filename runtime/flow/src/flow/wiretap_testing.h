// Wiretap: reads along what two authenticated ends say to each other. It knows the private keys of both, which are the
// fixed ones of tests.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "flow/authenticated_testing.h"

namespace nb::flow::testing {

inline constexpr std::uint8_t kDialerRandomness = 0x80;
inline constexpr std::uint8_t kAcceptorRandomness = 0x40;

// Of a message, what flow control is about.
struct Said {
  MessageType type{};
  FlowId id = 0;
  std::uint64_t payload = 0;
  std::uint64_t initial_counters = 0;
  bool close = false;
  std::vector<Counter> grants;
};

class Wiretap {
 public:
  // The content of the next frame of one direction. Nothing for a message whose payload is the next frame.
  std::optional<Said> hear(bool from_dialer, Bytes content) {
    Direction& direction = directions_[from_dialer ? 0 : 1];
    if (direction.clear_payload_of) {
      Said said = *std::exchange(direction.clear_payload_of, std::nullopt);
      said.payload = content.size();
      return said;
    }
    if (direction.setup.empty()) {
      direction.setup = std::move(content);
      if (!directions_[0].setup.empty() && !directions_[1].setup.empty()) learn_keys();
      return Said{MessageType::kSetup, 0, 0, 0, false, {}};
    }
    const auto opened = direction.opener->open(content);
    NB_CHECK(opened.has_value(), "the wiretap has the keys of both ends");
    return read(direction, *decode(*opened));
  }

 private:
  struct Direction {
    Bytes setup;
    std::unique_ptr<Cipher> opener;
    std::optional<Said> clear_payload_of;
  };

  void learn_keys() {
    FixedRandomness dialer_random(kDialerRandomness), acceptor_random(kAcceptorRandomness);
    const KeyPair dialer(dialer_random), acceptor(acceptor_random);
    const SecretKey shared = *dialer.agree(acceptor.public_key());
    const Bytes& dialer_setup = directions_[0].setup;
    const Bytes& acceptor_setup = directions_[1].setup;
    const SetupInfo infos[] = {*read_setup(std::get<Setup>(*decode(dialer_setup))),
                               *read_setup(std::get<Setup>(*decode(acceptor_setup)))};
    const bool aes = agree(infos[0], infos[1], Role::kDialer)->suite == Suite::kAes256Gcm1;
    for (const bool from_dialer : {true, false}) {
      // As the end that gets it.
      const bool is_low = from_dialer ? acceptor.is_low(dialer.public_key()) : dialer.is_low(acceptor.public_key());
      const Role role = from_dialer ? Role::kAcceptor : Role::kDialer;
      directions_[from_dialer ? 0 : 1].opener =
          aes ? make_aes_gcm(shared, role, dialer_setup, acceptor_setup) : make_secretbox(shared, is_low);
    }
  }

  static std::optional<Said> read(Direction& direction, const Message& message) {
    Said said;
    if (const auto* const open = std::get_if<OpenFlow>(&message)) {
      said = {MessageType::kOpenFlow,      open->id, open->payload.size(), open->initial_counters,
              (open->flags & kClose) != 0, {}};
    } else if (const auto* const data = std::get_if<Data>(&message)) {
      said = {MessageType::kData, data->id, data->payload.size(), 0, (data->flags & kClose) != 0, {}};
      if ((data->flags & kDisableEncryption) != 0) {
        direction.clear_payload_of = said;
        return std::nullopt;
      }
    } else if (const auto* const release = std::get_if<Release>(&message)) {
      said.type = MessageType::kRelease;
      said.grants = release->counters;
    } else {
      said.type = static_cast<MessageType>(encode(message).at(0));
    }
    return said;
  }

  Direction directions_[2];  // from the dialer, from the acceptor
};

}  // namespace nb::flow::testing

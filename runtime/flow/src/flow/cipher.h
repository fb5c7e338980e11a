// Cipher: seals the frames that leave and opens the ones that arrive, one connection's (docs/spec/flow-protocol.md 3).
//
// Works in place. A message that leaves may lie in several pieces (its head in one block, its payload where the writer
// put it); the tag goes before or behind it, as the suite wants. Each direction counts its frames, and the counter is
// in the nonce: frames must leave and arrive in the order in which they were sealed, and a failure to open one ends the
// connection. Not thread-safe. Its keys are wiped when it goes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <nb/base/bytes.h>

#include "flow/mutable_bytes.h"
#include "flow/role.h"

namespace nb::flow {

inline constexpr std::size_t kTagSize = 16;

using SecretKey = std::array<std::uint8_t, 32>;

// How frames are sealed once both Setups are known.
enum class Suite : std::uint8_t {
  kSecretbox,   // NaCl: X25519, HSalsa20, XSalsa20-Poly1305; every peer has it
  kAes256Gcm1,  // suite 1 of option 26467, between peers of our kind that both have AES instructions
};

class Cipher {
 public:
  virtual ~Cipher() = default;

  // Where the tag stands in the frame: before the message, or behind it.
  virtual bool tag_leads() const = 0;
  // Seals the message that lies in `pieces`, in place, and puts its tag at `tag`.
  virtual void seal(std::span<const MutableBytes> pieces, std::uint8_t* tag) = 0;
  // The content of a frame, in place. The message within it; nothing if it is not what the peer sealed next.
  virtual std::optional<MutableBytes> open(MutableBytes frame) = 0;
  // A counter has nearly come to its end: the connection must end now, with the few frames that this still takes.
  virtual bool is_worn_out() const = 0;
};

// How many frames may still be sealed once a cipher is worn out.
inline constexpr std::uint64_t kWornOutMargin = std::uint64_t{1} << 20;

// `shared` is what both ends know after the exchange of keys. `is_low`: the own public key is the smaller one. The
// counters begin at 0 but in tests of their limits.
std::unique_ptr<Cipher> make_secretbox(const SecretKey& shared, bool is_low, std::uint64_t first_counter = 0);
// The two Setup messages are as they were on the wire, without frame headers.
std::unique_ptr<Cipher> make_aes_gcm(const SecretKey& shared, Role role, BytesView dialer_setup,
                                     BytesView acceptor_setup, std::uint64_t first_counter = 0);

// Whether this processor has the instructions that make AES fast and free of timing.
bool has_aes_instructions();

}  // namespace nb::flow

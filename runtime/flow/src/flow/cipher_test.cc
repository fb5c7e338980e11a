#include "flow/cipher.h"

#include <doctest/doctest.h>
#include <sodium.h>

#include <algorithm>
#include <random>

#include "flow/frame_reader.h"
#include "flow/hex.h"
#include "flow/key_agreement.h"

namespace nb::flow {
namespace {

using testing::bytes;
using testing::from_hex;
using testing::to_hex;

SecretKey secret(std::uint8_t first) {
  SecretKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(first + i);
  return key;
}

struct Ends {
  std::unique_ptr<Cipher> dialer;
  std::unique_ptr<Cipher> acceptor;
};

Ends secretboxes(std::uint64_t first_counter = 0) {
  return {make_secretbox(secret(7), true, first_counter), make_secretbox(secret(7), false, first_counter)};
}
Ends aes_gcms(std::uint64_t first_counter = 0) {
  return {make_aes_gcm(secret(7), Role::kDialer, as_bytes("d"), as_bytes("a"), first_counter),
          make_aes_gcm(secret(7), Role::kAcceptor, as_bytes("d"), as_bytes("a"), first_counter)};
}

// The content of a frame with this message, which lies in pieces that end at `cuts`.
Bytes seal(Cipher& cipher, BytesView message, std::vector<std::size_t> cuts = {}) {
  std::vector<Bytes> parts;
  std::size_t begin = 0;
  cuts.push_back(message.size());
  for (const std::size_t end : cuts) {
    parts.emplace_back(message.begin() + static_cast<std::ptrdiff_t>(begin),
                       message.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  std::vector<MutableBytes> pieces(parts.begin(), parts.end());
  Bytes tag(kTagSize), frame;
  cipher.seal(pieces, tag.data());
  if (cipher.tag_leads()) frame = tag;
  for (const Bytes& part : parts) frame.insert(frame.end(), part.begin(), part.end());
  if (!cipher.tag_leads()) frame.insert(frame.end(), tag.begin(), tag.end());
  return frame;
}

std::string opened(Cipher& cipher, Bytes frame) {
  const auto message = cipher.open(frame);
  return message ? std::string(as_text(*message)) : "(refused)";
}

TEST_CASE("secretbox seals what libsodium seals, however the message is cut into pieces") {
  std::mt19937 random(1);
  SecretKey key;
  const std::array<std::uint8_t, 16> zeros{};
  crypto_core_hsalsa20(key.data(), zeros.data(), secret(7).data(), nullptr);
  const Ends ends = secretboxes();
  for (std::uint64_t counter = 0; counter < 600; ++counter) {
    Bytes message(counter < 300 ? counter : random() % 70000);
    for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random());
    std::vector<std::size_t> cuts(random() % 4);
    for (std::size_t& cut : cuts) cut = random() % (message.size() + 1);
    std::sort(cuts.begin(), cuts.end());

    std::array<std::uint8_t, 24> nonce{};
    for (std::size_t i = 0; i < 8; ++i) nonce[i] = static_cast<std::uint8_t>(counter >> (8 * i));
    nonce[8] = 1;
    Bytes expected(kTagSize + message.size());
    crypto_secretbox_easy(expected.data(), message.data(), message.size(), nonce.data(), key.data());
    Bytes frame = seal(*ends.dialer, message, cuts);
    REQUIRE(frame == expected);
    const auto back = ends.acceptor->open(frame);
    REQUIRE(back);
    REQUIRE(std::ranges::equal(*back, message));
  }
}

TEST_CASE("both suites open in order what the other end sealed, in both directions") {
  std::mt19937 random(2);
  for (const bool aes : {false, true}) {
    const Ends ends = aes ? aes_gcms() : secretboxes();
    CHECK(ends.dialer->tag_leads() == !aes);
    for (int i = 0; i < 200; ++i) {
      Bytes message(random() % 3000);
      for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random());
      const std::size_t cut = random() % (message.size() + 1);
      for (const auto& [from, to] :
           {std::pair(&ends.dialer, &ends.acceptor), std::pair(&ends.acceptor, &ends.dialer)}) {
        Bytes frame = seal(**from, message, {cut});
        CHECK(frame.size() == message.size() + kTagSize);
        const auto back = (*to)->open(frame);
        REQUIRE(back);
        REQUIRE(std::ranges::equal(*back, message));
      }
    }
  }
}

TEST_CASE("a frame that was changed, cut, made longer, repeated, swapped or sent back does not open") {
  for (const bool aes : {false, true}) {
    CAPTURE(aes);
    const auto ends = [&] { return aes ? aes_gcms() : secretboxes(); };
    const Bytes frame = seal(*ends().dialer, as_bytes("attack at dawn"));
    for (std::size_t at = 0; at < frame.size(); ++at) {
      Bytes changed = frame;
      changed[at] ^= 0x40;
      CHECK(opened(*ends().acceptor, changed) == "(refused)");
      CHECK(opened(*ends().acceptor, Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(at))) ==
            "(refused)");
    }
    Bytes longer = frame;
    longer.push_back(0);
    CHECK(opened(*ends().acceptor, longer) == "(refused)");
    CHECK(opened(*ends().acceptor, frame) == "attack at dawn");
    CHECK(opened(*ends().dialer, frame) == "(refused)");

    Ends one = ends();
    const Bytes first = seal(*one.dialer, as_bytes("1"));
    const Bytes second = seal(*one.dialer, as_bytes("2"));
    CHECK(opened(*one.acceptor, second) == "(refused)");
    CHECK(opened(*one.acceptor, first) == "1");
    CHECK(opened(*one.acceptor, first) == "(refused)");
    CHECK(opened(*one.acceptor, second) == "2");
  }
}

TEST_CASE("an end closes well before a counter ends") {
  for (const bool aes : {false, true}) {
    CAPTURE(aes);
    const std::uint64_t end = aes ? std::uint64_t{1} << 48 : ~std::uint64_t{0};
    const auto ends = [&](std::uint64_t first) { return aes ? aes_gcms(first) : secretboxes(first); };
    const Ends near = ends(end - kWornOutMargin - 1);
    CHECK_FALSE(near.dialer->is_worn_out());
    const Bytes frame = seal(*near.dialer, as_bytes("x"));
    CHECK(near.dialer->is_worn_out());
    CHECK_FALSE(near.acceptor->is_worn_out());
    CHECK(opened(*near.acceptor, frame) == "x");
    CHECK(near.acceptor->is_worn_out());

    const Ends last = ends(end - 1);
    const Bytes last_frame = seal(*last.dialer, as_bytes("x"));
    CHECK(opened(*last.acceptor, last_frame) == "x");
    CHECK(opened(*last.acceptor, last_frame) == "(refused)");
  }
}

TEST_CASE("the keys of the suite of AES depend on every byte of both Setups, and differ by direction") {
  const Bytes message = bytes("hello");
  const auto frame = [&](Role role, std::string_view dialer, std::string_view acceptor) {
    return to_hex(seal(*make_aes_gcm(secret(7), role, as_bytes(dialer), as_bytes(acceptor)), message));
  };
  const std::string sealed = frame(Role::kDialer, "dialer", "acceptor");
  CHECK(sealed == frame(Role::kDialer, "dialer", "acceptor"));
  CHECK(sealed != frame(Role::kAcceptor, "dialer", "acceptor"));
  CHECK(sealed != frame(Role::kDialer, "dialeR", "acceptor"));
  CHECK(sealed != frame(Role::kDialer, "dialer", "acceptoR"));
}

class Fixed final : public Randomness {
 public:
  explicit Fixed(SecretKey key) : key_(key) {}
  SecretKey draw() override { return key_; }

 private:
  SecretKey key_;
};

SetupKey public_key(std::string_view hex) {
  const Bytes raw = from_hex(hex);
  SetupKey key{};
  std::copy(raw.begin(), raw.end(), key.begin());
  return key;
}

TEST_CASE("two ends agree on the recorded secret") {
  Fixed first(secret(0x40)), second(secret(0x80));
  const KeyPair acceptor(first), dialer(second);
  CHECK(to_hex(acceptor.public_key()) == "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a");
  CHECK(to_hex(dialer.public_key()) == "493e82fc74464a59268817623d2053c5eb8e2cc4a988b4fee179ec6b010d531d");
  CHECK(dialer.is_low(acceptor.public_key()));
  CHECK_FALSE(acceptor.is_low(dialer.public_key()));
  constexpr std::string_view kShared = "dcd77236231add34de0561c47859a65d304f2a8550e8df98df053cf5dfabea0b";
  CHECK(to_hex(*dialer.agree(acceptor.public_key())) == kShared);
  CHECK(to_hex(*acceptor.agree(dialer.public_key())) == kShared);
}

TEST_CASE("key pairs are not the same twice") {
  const auto system = system_randomness();
  CHECK(KeyPair(*system).public_key() != KeyPair(*system).public_key());
}

TEST_CASE("[A-41] keys of low order, in every spelling, and the own key are refused") {
  const KeyPair own(*system_randomness());
  for (const std::string_view point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "0000000000000000000000000000000000000000000000000000000000000080",
           "0100000000000000000000000000000000000000000000000000000000000080",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
       }) {
    CAPTURE(point);
    CHECK_FALSE(own.agree(public_key(point)).ok());
  }
  CHECK_FALSE(own.agree(own.public_key()).ok());
}

}  // namespace
}  // namespace nb::flow

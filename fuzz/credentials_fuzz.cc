// The saved files of a credentials folder: two bytes, big endian, say how long the data file is; the rest is its
// signature.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>
#include <nb/security/private_key.h>

#include "security/disk_roots.h"
#include "security/signed_data.h"
#include "security/store_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const nb::BytesView rest(bytes + 2, size - 2);
  const auto data = rest.first(std::min<std::size_t>(rest.size(), bytes[0] << 8 | bytes[1]));
  static const auto key = nb::PrivateKey::from_raw(nb::KeyAlgorithm::kEd25519, nb::Bytes(32, 0x44)).value();

  (void)nb::security::check_signed_data(key.public_key(), data, rest.subspan(data.size())).ok();
  (void)nb::security::roots_from_bytes(data).ok();
  const auto state = nb::security::StoreState::from_bytes(key.public_key(), data);
  if (!state) return 0;
  const auto saved = state->to_bytes();
  NB_CHECK(saved, "what was read can be written");
  const auto again = nb::security::StoreState::from_bytes(key.public_key(), *saved);
  NB_CHECK(again && again->peer_blessings() == state->peer_blessings(), "and read again");
  NB_CHECK(again->discharges.size() == state->discharges.size(), "with all discharges");
  return 0;
}

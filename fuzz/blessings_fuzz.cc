// Blessings from outside: decoding, all checks of chains with and without a cache, names in a call, and parameters of
// caveats. The first byte says which. What is accepted must come back equal when it is written and read again.
#include <cstdint>
#include <cstdlib>

#include <nb/security/access.h>
#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>
#include <nb/vom/vom.h>

namespace {

using namespace nb;
using v23::security::WireBlessings;

void require(bool fine) {
  if (!fine) std::abort();
}

std::shared_ptr<const Principal> make_judge() {
  const auto key = PrivateKey::from_raw(KeyAlgorithm::kEcdsaP256, Bytes(32, 0x11)).value();
  auto principal = Principal::make(key, memory_store(key.public_key()), memory_roots()).value();
  principal->roots().add(key.public_key(), BlessingPattern("alice")).value();
  return principal;
}

SecurityCall make_call() {
  static const auto judge = make_judge();
  SecurityCall call;
  call.timestamp = Time(Time::kUnixEpoch, 0);
  call.method = "Get";
  call.local_principal = judge;
  return call;
}

void check_blessings(BytesView input) {
  static ChainCache cache(64);
  const auto wire = vom::decode<WireBlessings>(input, vom::Trailing::kIgnore, security::parameter_limits());
  if (!wire) return;
  const auto blessings = Blessings::from_wire(*wire);
  for (int again = 0; again < 2; ++again) {
    const auto cached = Blessings::from_wire(*wire, &cache);
    require(cached.ok() == blessings.ok());
    if (cached) require(*cached == *blessings && cached->public_key() == blessings->public_key());
  }
  if (!blessings) return;
  require(blessings->wire() == *wire);
  require(Blessings::from_text(blessings->to_text()).value() == *blessings);
  require(union_of({*blessings, *blessings, Blessings()}).ok() || wire->CertificateChains.size() > 32);
  (void)blessings->expiry();
  (void)blessings->third_party_caveats();
  auto call = make_call();
  call.remote_blessings = *blessings;
  const auto names = remote_blessing_names(Context(), call);
  require(names.valid.size() + names.rejected.size() == blessings->claimed_names().size());
  require(blessings->could_have_names(names.valid));
}

void check_parameters(BytesView input) {
  static const CaveatValidators validators;
  const auto call = make_call();
  for (const auto* descriptor :
       {&v23::security::ConstCaveat(), &v23::security::ExpiryCaveat(), &v23::security::MethodCaveat(),
        &v23::security::PeerBlessingsCaveat(), &v23::security::PublicKeyThirdPartyCaveat(),
        &v23::security::access::AccessTagCaveat()}) {
    (void)validators.validate(Context(), call, Caveat(descriptor->Id, Bytes(input.begin(), input.end()))).ok();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    check_blessings(input);
  } else {
    check_parameters(input);
  }
  return 0;
}

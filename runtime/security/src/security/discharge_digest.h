// What ids of third-party caveats and signatures of discharges are made over (docs/spec/security.md 9.2 and 9.4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nb/security/blessings.h>
#include <nb/security/discharge.h>
#include <nb/security/private_key.h>

#include "security/hash.h"

namespace nb::security {

// base64( h( h(Nonce) ‖ h(DischargerKey) ‖ digests of the caveats ) ), h: the hash of `discharger`.
std::string third_party_id(const v23::security::publicKeyThirdPartyCaveatParam& parameter, const PublicKey& discharger);

// h( h(id) ‖ digests of the caveats ): the message that the discharger signs with D1.
Digest discharge_digest(const PublicKey& discharger, std::string_view id, const std::vector<Caveat>& caveats);

// What a discharge may take: 64 caveats, and 64 KiB of texts and bytes. Whoever made a third-party caveat chose the
// discharger, and what that one answers would else fill caches and files, and be hashed by everybody it is shown to.
inline constexpr std::size_t kMaxCaveatsOfDischarge = 64;
inline constexpr std::size_t kMaxBytesOfDischarge = 64 << 10;
std::size_t size_of(const Discharge& discharge);
bool is_small(const Discharge& discharge);

// Whether `discharge` answers the caveat of `third_party`, is small, and was signed by its discharger. Says nothing of
// its caveats.
Result<void> check_signature(const Discharge& discharge, const ThirdParty& third_party);

// Principal::mint_discharge for the owner of `key`. The caveats stand in the order more…, caveat.
Result<Discharge> mint_discharge(const PrivateKey& key, const Caveat& third_party, Caveat caveat,
                                 std::vector<Caveat> more);

}  // namespace nb::security

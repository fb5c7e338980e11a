// Blessings, keys and chains in words.
#pragma once

#include <string>
#include <vector>

#include <nb/security/blessings.h>
#include <nb/vdl/time.h>
#include <nlohmann/json.hpp>

namespace tool {

using Chain = std::vector<v23::security::Certificate>;

// Extensions joined by ":".
std::string name_of(const Chain& chain);
// "SHA256:… (ecdsa256)"; says so when the key cannot be read.
std::string describe_key(nb::BytesView der);
std::string describe(const nb::PublicKey& key);
nlohmann::ordered_json key_json(const nb::PublicKey& key);

// "alice:phone,bob", with " [expired]" behind it if a caveat of any chain has expired at `now`; "none" when zero.
std::string names_of(const nb::Blessings& blessings, nb::Time now);
// Several lines: names, key, and each chain with its certificates and their caveats.
std::string describe(const nb::Blessings& blessings, nb::Time now);
nlohmann::ordered_json blessings_json(const nb::Blessings& blessings, nb::Time now);

}  // namespace tool

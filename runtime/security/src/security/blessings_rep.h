// What a Blessings holds: the certificates, known to be valid, and what was found out about them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nb/security/blessings.h>

#include "security/chain.h"

namespace nb::security {

class BlessingsRep {
 public:
  v23::security::WireBlessings wire;
  PublicKey key;                   // that was blessed
  std::vector<ChainFacts> chains;  // one for each chain; none when nameless
  std::vector<std::string> names;  // likewise
  Digest unique_id;
};

// From chains that are valid already: checked, or signed by ourselves. At least one; they end in the same key.
Result<Blessings> make_blessings(v23::security::WireBlessings wire, std::vector<ChainFacts> chains);

// Whether the size of it is within the bounds of.
Result<void> check_bounds(const v23::security::WireBlessings& wire);

// Whether peers will take it.
Result<void> check_can_be_shown(const v23::security::WireBlessings& wire);

}  // namespace nb::security

// Principals for tests over real connections: alice, alice:client whom she has blessed, and strangers.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nb/security/caveat.h>
#include <nb/security/principal.h>

namespace nb::rpc::testing {

// Calls itself `name`, and believes nobody else.
inline std::shared_ptr<const Principal> stranger(const std::string& name) {
  auto principal = Principal::make().value();
  principal->set_default_blessings(principal->bless_self(name).value()).value();
  return principal;
}

// A principal with alice's name and the extension, which believes her key. It shows these blessings to everybody.
inline std::shared_ptr<const Principal> blessed_by(const std::shared_ptr<const Principal>& alice,
                                                   const std::string& extension,
                                                   const std::vector<Caveat>& caveats = {unconstrained_use()}) {
  auto principal = Principal::make().value();
  const auto blessings = alice
                             ->bless(principal->public_key(), alice->store().default_blessings(), extension,
                                     caveats.front(), std::vector<Caveat>(caveats.begin() + 1, caveats.end()))
                             .value();
  principal->set_default_blessings(blessings).value();
  return principal;
}

}  // namespace nb::rpc::testing

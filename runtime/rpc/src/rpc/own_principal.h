// Who a runtime acts as (docs/spec/security.md 12.2).
#pragma once

#include <memory>
#include <utility>

#include <nb/base/result.h>
#include <nb/security/principal.h>

#include "rpc/options.h"

namespace nb::rpc {

struct OwnPrincipal {
  OwnPrincipal() = default;
  OwnPrincipal(std::shared_ptr<const Principal> principal_, bool is_made_up_)
      : principal(std::move(principal_)), is_made_up(is_made_up_) {}
  std::shared_ptr<const Principal> principal;
  bool is_made_up = false;  // on the spot: nobody but this process believes its name
};

// Without authentication a key without any name, and nothing else is looked at. Else the one of the options, else that
// of their folder, else that of V23_CREDENTIALS, else a new one, blessed by itself as "anonymous-plum-4711@host".
Result<OwnPrincipal> own_principal(const RuntimeOptions::Data& options);

// What to tell somebody whose call failed for lack of credentials.
extern const char* const kHowToGetCredentials;

}  // namespace nb::rpc

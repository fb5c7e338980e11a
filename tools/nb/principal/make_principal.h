// A new principal in a folder: what `create` and `fork` have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include <nb/base/result.h>
#include <nb/security/principal.h>

#include "cli/console.h"

namespace tool {

struct NewPrincipal {
  std::string folder;
  std::string key_type = "ecdsa256";
  bool with_passphrase = true;
  bool overwrite = false;

  void add_to(CLI::App& verb);
};

nb::Result<std::shared_ptr<const nb::Principal>> make_principal(const Console& console, const NewPrincipal& wanted);
// What both answer with.
void answer_with(const Console& console, const std::string& folder, const nb::Principal& principal);

}  // namespace tool

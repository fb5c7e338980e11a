// The options --for and --caveat of the verbs that bless.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/caveat.h>

#include "cli/console.h"

namespace tool {

struct CaveatOptions {
  std::string lasts;
  std::vector<std::string> texts;
  bool required = true;

  // `may_be_missing`: with --require-caveats, for verbs that bless others.
  void add_to(CLI::App& verb, bool with_require);
  // In the order given, then the expiry. Empty when none is given.
  nb::Result<std::vector<nb::Caveat>> caveats(const Console& console) const;
  // The same for blessing another: fails when there is none, unless that was asked for.
  nb::Result<std::vector<nb::Caveat>> caveats_or_consent(const Console& console) const;
};

}  // namespace tool

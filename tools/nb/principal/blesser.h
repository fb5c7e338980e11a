// Blessing others: what `bless` and `fork` have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include <nb/base/result.h>
#include <nb/security/principal.h>

#include "cli/caveat_options.h"
#include "cli/console.h"

namespace tool {

struct Blesser {
  std::string extension;
  std::string with;
  CaveatOptions caveats;

  void add_to(CLI::App& verb);
};

// What is needed to bless, found out before anything is made.
struct ReadyBlesser {
  std::shared_ptr<const nb::Principal> principal;
  nb::Blessings with;
  std::string extension;
  std::vector<nb::Caveat> caveats;  // at least one

  nb::Result<nb::Blessings> bless(const nb::PublicKey& key) const;
};

nb::Result<ReadyBlesser> prepare(Console& console, const Blesser& blesser);

}  // namespace tool

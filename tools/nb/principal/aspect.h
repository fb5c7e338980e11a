// What `get default` and `get forpeer` print of blessings.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include <nb/base/result.h>
#include <nb/security/blessings.h>

#include "cli/console.h"

namespace tool {

struct Aspect {
  bool names = false;
  std::string root_of;
  std::string caveats_of;

  void add_to(CLI::App& verb);
  // Fails when there are no blessings, saying `none`, or no chain of the name.
  nb::Result<int> answer(const Console& console, const nb::Blessings& blessings, const std::string& none) const;
};

}  // namespace tool

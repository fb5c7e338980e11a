// Verbs: where a verb puts itself into the command line.
//
// Options live in a struct that the verb's function shares: CLI11 fills it in while it reads the command line, and the
// function looks at it when it runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <nb/base/result.h>

#include "cli/console.h"

namespace tool {

// What a verb does; 0 or another exit status, or what went wrong.
using Run = std::function<nb::Result<int>(Console&)>;

class Verbs {
 public:
  Verbs(CLI::App& group, Run& chosen) : group_(group), chosen_(chosen) {}

  // `options` is filled in by what the verb adds to the CLI::App that it gets back.
  template <class Options>
  CLI::App& add(const std::string& name, const std::string& description, std::shared_ptr<Options> options,
                nb::Result<int> (*run)(Console&, const Options&)) {
    CLI::App* verb = group_.add_subcommand(name, description);
    verb->callback([&chosen = chosen_, options = std::move(options), run] {
      chosen = [options, run](Console& console) { return run(console, *options); };
    });
    return *verb;
  }
  // A verb that only holds other verbs.
  Verbs group(const std::string& name, const std::string& description) {
    CLI::App* group = group_.add_subcommand(name, description);
    group->require_subcommand(1);
    return Verbs(*group, chosen_);
  }

 private:
  CLI::App& group_;
  Run& chosen_;
};

}  // namespace tool

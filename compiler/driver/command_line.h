// The command line of vdlc (docs/spec/cpp-mapping.md 2). The one place that knows CLI11.
#pragma once

#include <optional>

#include "driver/options.h"

namespace vdlc {

struct CommandLine {
  std::optional<Options> options;  // none: there is nothing to do but to exit
  int status = 0;  // then: 0 after --help or --version, 2 after a usage error; the text has been printed
};

CommandLine read_command_line(int argc, char** argv);

}  // namespace vdlc

// What the verbs of `nb namespace` have in common: a runtime that acts as the principal of the command line, the
// namespace as seen by it, and the options that all of them take.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/rpc/namespace.h>
#include <nb/rpc/runtime.h>

#include "cli/console.h"

namespace tool {

struct SessionOptions {
  std::vector<std::string> roots;
  std::string timeout = "1m";
  bool insecure = false;

  void add_to(CLI::App& verb);
};

class Session {
 public:
  static nb::Result<Session> make(Console& console, const SessionOptions& options);

  nb::Context context() const { return runtime_.context().with_timeout(timeout_); }
  const nb::Namespace& names() const { return names_; }

 private:
  Session(nb::Runtime runtime, std::chrono::nanoseconds timeout, nb::CallOptions options)
      : runtime_(std::move(runtime)), timeout_(timeout), names_(runtime_, std::move(options)) {}

  nb::Runtime runtime_;
  std::chrono::nanoseconds timeout_;
  nb::Namespace names_;
};

}  // namespace tool

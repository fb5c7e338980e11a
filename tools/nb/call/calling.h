// What the verbs that call have in common: a runtime that acts as the principal of the command line, and the options of
// calls that all of them take.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/result.h>
#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/signature.h>

#include "cli/console.h"

namespace tool {

struct CallingOptions {
  std::string name;
  std::vector<std::string> roots;
  std::string timeout = "1m";
  std::string connection_timeout;
  std::vector<std::string> servers;  // patterns
  std::string server_key;
  std::string language;
  bool insecure = false;
  bool shallow = false;
  bool no_resolve = false;
  bool no_retry = false;
  bool no_discharges = false;

  // NAME and the flags. With --insecure for verbs that say nothing to the server that it might not hear.
  void add_to(CLI::App& verb, bool with_insecure);
};

class Calling {
 public:
  static nb::Result<Calling> make(Console& console, const CallingOptions& options);

  const nb::Runtime& runtime() const { return runtime_; }
  // Of all calls together: the time runs from make() on.
  const nb::Context& context() const { return context_; }
  const nb::CallOptions& options() const { return options_; }
  nb::Client client() const { return nb::Client(runtime_, options_); }
  nb::Object object() const { return client().object(name_); }

  nb::Result<nb::MethodSignature> method_signature(const std::string& method) const;

 private:
  Calling(nb::Runtime runtime, nb::Context context, nb::CallOptions options, std::string name)
      : runtime_(std::move(runtime)),
        context_(std::move(context)),
        options_(std::move(options)),
        name_(std::move(name)) {}

  nb::Runtime runtime_;
  nb::Context context_;
  nb::CallOptions options_;
  std::string name_;
};

}  // namespace tool

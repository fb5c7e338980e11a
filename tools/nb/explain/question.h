// What `nb explain` is asked: blessings, a call, whom the end that decides believes, and its rule.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/authorizer.h>
#include <nb/security/security_call.h>

#include "cli/console.h"

namespace tool {

// As it stands on the command line.
struct ExplainOptions {
  std::string blessings;
  std::vector<std::string> roots;
  std::vector<std::string> patterns;
  std::string access_list;
  std::string permissions;
  bool default_rule = false;
  std::string method;
  std::vector<std::string> tags;
  std::string time = "now";
  std::vector<std::string> peers;
  std::vector<std::string> discharges;

  void add_to(CLI::App& verb);
};

struct Question {
  nb::SecurityCall call;
  std::string rule;                               // in words
  std::shared_ptr<const nb::Authorizer> decides;  // none: any name that counts will do
};

nb::Result<Question> make_question(const Console& console, const ExplainOptions& options);

}  // namespace tool

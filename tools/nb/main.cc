// nb: the command line of Niobium. Ends with 0 (fine), 1 (it did not work), 2 (it was not understood) or what the verb
// says.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "call/verbs.h"
#include "cli/console.h"
#include "cli/verbs.h"
#include "explain/explain.h"
#include "names/verbs.h"
#include "principal/verbs.h"
#include "serve/verbs.h"
#include "version.h"
#include "words/lists.h"
#include "words/visible.h"

namespace tool {
namespace {

void add_common_options(CLI::App& app, Console& console) {
  app.add_option("--credentials,--v23.credentials", console.credentials,
                 "the folder of the principal to act as (else: V23_CREDENTIALS)")
      ->type_name("FOLDER");
  app.add_option("--passphrase-file", console.passphrase_file,
                 "a file whose first line is the passphrase (- for standard input); else it is asked for")
      ->type_name("FILE");
  app.add_flag("--json", console.json, "answer in JSON");
}

// The innermost verb that was understood.
const CLI::App& reached(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return verbs.empty() ? app : reached(*verbs.front());
}

// CLI11 only says that a verb is missing; this says which word is none, and which there are.
bool explain_missing_verb(const CLI::App& app) {
  const CLI::App& at = reached(app);
  std::vector<std::string> verbs;
  for (const CLI::App* verb : at.get_subcommands([](const CLI::App*) { return true; }))
    verbs.push_back(verb->get_name());
  if (verbs.empty()) return false;
  const std::vector<std::string> left = app.remaining(true);
  const auto word = std::find_if(left.begin(), left.end(), [](const std::string& s) { return !s.starts_with('-'); });
  const std::string which = "the verbs of `" + at.get_name() + "` are " + listed(verbs, "and", "");
  std::cerr << "nb: " << (word == left.end() ? "a verb is needed; " : "`" + visible(*word) + "` is no verb; ") << which
            << "\nRun with --help for more information.\n";
  return true;
}

// The words of the command line, the last one first, as CLI11 wants them. Arguments of `nb call` may be negative
// numbers, which it takes for options, or stand in square brackets, which it takes for lists of its own; a blank before
// them changes nothing else.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words;
  bool calls = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool is_number = word.size() > 1 && word[0] == '-' && (word[1] == '.' || (word[1] >= '0' && word[1] <= '9'));
    words.push_back((calls && (is_number || word.starts_with('[')) ? " " : "") + std::string(word));
    calls = calls || word == "call";
  }
  std::reverse(words.begin(), words.end());
  return words;
}

int run(int argc, char** argv) {
  Console console;
  Run chosen;
  CLI::App app(
      "nb calls servers of Niobium and Vanadium, makes, inspects and explains credentials, looks after names, and "
      "serves "
      "mount tables and proxies.",
      "nb");
  app.set_version_flag("--version", std::string("nb ") + kVersion);
  app.require_subcommand(1);
  app.fallthrough();
  add_common_options(app, console);
  Verbs verbs(app, chosen);
  add_principal(verbs);
  add_explain(verbs);
  add_proxy(verbs);
  add_namespace(verbs);
  add_mounttable(verbs);
  add_call(verbs);
  add_signature(verbs);
  add_identify(verbs);
  add_ping(verbs);
  add_glob(verbs);
  add_completion(verbs, app);
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != 0 && explain_missing_verb(app)) return 2;
    return app.exit(e) == 0 ? 0 : 2;
  }
  auto status = chosen(console);
  if (!status) {
    complain(console, status.error());
    return 1;
  }
  if (!std::cout.flush()) {
    std::cerr << "nb: the output could not be written in full\n";
    return 1;
  }
  return *status;
}

}  // namespace
}  // namespace tool

int main(int argc, char** argv) { return tool::run(argc, argv); }

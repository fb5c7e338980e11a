// nb completion
#include <iostream>

#include "call/verbs.h"
#include "cli/failure.h"

namespace tool {
namespace {

struct CompletionVerb {
  const CLI::App* app = nullptr;
  std::string shell;
};

// The line of a case statement for each group of verbs and each verb: the words that can follow it.
void add_offers(const CLI::App& at, const std::string& path, const std::string& inherited,
                std::vector<std::pair<std::string, std::string>>& offers, std::vector<std::string>& paths) {
  std::string words;
  std::string flags = inherited;
  for (const CLI::Option* option : at.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name.find('.') == std::string::npos) flags += " --" + name;
    }
  }
  for (const CLI::App* verb : at.get_subcommands([](const CLI::App*) { return true; })) {
    words += " " + verb->get_name();
    const std::string below = path + " " + verb->get_name();
    paths.push_back(below);
    // Those of the whole program can be said behind every verb.
    add_offers(*verb, below, inherited.empty() ? flags : inherited, offers, paths);
  }
  offers.emplace_back(path, words + flags);
}

std::string functions_of(const CLI::App& app, const std::string& words_before, const std::string& offer_words) {
  std::vector<std::pair<std::string, std::string>> offers;
  std::vector<std::string> paths;
  add_offers(app, app.get_name(), "", offers, paths);
  std::string text =
      "_nb() {\n  local at=nb word\n  for word in " + words_before + "; do\n    case \"$at $word\" in\n      ";
  for (std::size_t i = 0; i < paths.size(); ++i) text += (i > 0 ? "|" : "") + ("\"" + paths[i] + "\"");
  text += ") at=\"$at $word\" ;;\n    esac\n  done\n  local offer\n  case $at in\n";
  for (const auto& [path, words] : offers) {
    text += "    \"" + path + "\") offer=\"" + words.substr(words.empty() ? 0 : 1) + "\" ;;\n";
  }
  return text + "  esac\n" + offer_words + "}\n";
}

nb::Result<int> run_completion(Console&, const CompletionVerb& options) {
  if (options.shell == "bash") {
    std::cout << "# Completion of nb for bash:  source <(nb completion bash)\n"
              << functions_of(*options.app, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"",
                              "  COMPREPLY=($(compgen -W \"$offer\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n")
              << "complete -o default -F _nb nb\n";
    return 0;
  }
  if (options.shell == "zsh") {
    std::cout << "#compdef nb\n# Completion of nb for zsh:  source <(nb completion zsh)\n"
              << functions_of(*options.app, "\"${(@)words[2,CURRENT-1]}\"", "  compadd -- ${(s: :)offer}\n  _files\n")
              << "compdef _nb nb\n";
    return 0;
  }
  return failure("there is completion for bash and zsh, not for `" + options.shell + "`");
}

}  // namespace

void add_completion(Verbs& verbs, const CLI::App& app) {
  auto options = std::make_shared<CompletionVerb>();
  options->app = &app;
  CLI::App& verb =
      verbs.add("completion", "print a script that completes verbs and flags in a shell", options, run_completion);
  verb.add_option("SHELL", options->shell, "bash or zsh")->required();
  verb.footer(
      "In bash: source <(nb completion bash), in zsh the same with zsh; to keep it, write it into a file of the "
      "shell's completions.");
}

}  // namespace tool

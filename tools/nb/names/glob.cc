// nb namespace glob
#include <algorithm>
#include <vector>

#include "names/entry_text.h"
#include "names/session.h"
#include "names/verbs.h"
#include "words/visible.h"

namespace tool {
namespace {

struct GlobOptions : SessionOptions {
  std::string pattern;
  bool is_long = false;
  bool fails = false;
};

std::string line_of(const nb::MountEntry& entry, bool is_long) {
  std::string text = visible(entry.Name) + "\n";
  if (!is_long) return text;
  text.pop_back();
  text += kind_of(entry) + "\n";
  for (const auto& server : entry.Servers) {
    text += "  " + visible(server.Server) + " (" + time_left(server.Deadline) + ")\n";
  }
  return text;
}

nb::Result<int> run_glob(Console& console, const GlobOptions& options) {
  auto session = Session::make(console, options);
  if (!session) return session.error();
  std::vector<nb::MountEntry> entries;
  std::vector<std::pair<std::string, nb::Error>> failures;
  auto search = session->names().glob(session->context(), options.pattern);
  auto items = search.items();
  for (nb::GlobReply& reply : items) {
    if (auto* const error = reply.get_if<nb::GlobReply::Error>()) {
      failures.emplace_back(error->value.Name, error->value.Error.value_or(nb::Error()));
    } else {
      entries.push_back(std::move(reply.get_if<nb::GlobReply::Entry>()->value));
    }
  }
  if (items.error()) return items.error();
  std::ranges::sort(entries, {}, &nb::MountEntry::Name);
  std::string text;
  Json document{{"entries", Json::array()}, {"errors", Json::array()}};
  for (const auto& entry : entries) {
    text += line_of(entry, options.is_long);
    document["entries"].push_back(to_json(entry));
  }
  for (const auto& [name, error] : failures) {
    text += "! " + visible(name) + ": " + visible(error.message()) + "\n";
    document["errors"].push_back(Json{{"name", visible(name)}, {"error", visible(error.message())}});
  }
  console.answer(text, document);
  return options.fails && !failures.empty() ? 1 : 0;
}

}  // namespace

void add_glob(Verbs& verbs) {
  auto options = std::make_shared<GlobOptions>();
  CLI::App& verb = verbs.add("glob", "list the names that match a pattern", options, run_glob);
  verb.add_option("PATTERN", options->pattern,
                  "shop/*, shop/... for all below shop, shop/*** through mount tables only")
      ->required();
  verb.add_flag("-l,--long", options->is_long, "with the servers, and for how long they are mounted");
  verb.add_flag("--fail-on-any-error", options->fails, "end with 1 when a part of the names could not be looked at");
  options->add_to(verb);
}

}  // namespace tool

// nb namespace resolve and resolvetomt
#include "names/entry_text.h"
#include "names/session.h"
#include "names/verbs.h"
#include "words/visible.h"

namespace tool {
namespace {

struct ResolveOptions : SessionOptions {
  std::string name;
  bool is_shallow = false;
};

void answer_with(const Console& console, const nb::MountEntry& entry) {
  std::string text;
  for (const auto& server : entry.Servers) text += visible(called(server, entry)) + "\n";
  console.answer(text, to_json(entry));
}

nb::Result<int> run_resolve(Console& console, const ResolveOptions& options) {
  auto session = Session::make(console, options);
  if (!session) return session.error();
  const auto& names = session->names();
  auto resolving = options.is_shallow ? names.shallow_resolve(session->context(), options.name)
                                      : names.resolve(session->context(), options.name);
  auto entry = resolving.get();
  if (!entry) return entry.error();
  answer_with(console, *entry);
  return 0;
}

nb::Result<int> run_resolve_to_mount_table(Console& console, const ResolveOptions& options) {
  auto session = Session::make(console, options);
  if (!session) return session.error();
  auto entry = session->names().resolve_to_mount_table(session->context(), options.name).get();
  if (!entry) return entry.error();
  answer_with(console, *entry);
  return 0;
}

}  // namespace

void add_resolve(Verbs& verbs) {
  auto options = std::make_shared<ResolveOptions>();
  CLI::App& verb = verbs.add("resolve", "print the servers that a name stands for", options, run_resolve);
  verb.add_option("NAME", options->name, "the name")->required();
  verb.add_flag("-s,--shallow", options->is_shallow,
                "of a mount table's name: that table, and not what is at its root");
  options->add_to(verb);
}

void add_resolve_to_mount_table(Verbs& verbs) {
  auto options = std::make_shared<ResolveOptions>();
  CLI::App& verb =
      verbs.add("resolvetomt", "print the mount table that holds a name", options, run_resolve_to_mount_table);
  verb.add_option("NAME", options->name, "the name")->required();
  options->add_to(verb);
}

}  // namespace tool

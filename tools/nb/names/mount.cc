// nb namespace mount, unmount and delete
#include "names/session.h"
#include "names/verbs.h"
#include "words/times.h"
#include "words/visible.h"

namespace tool {
namespace {

struct MountOptions : SessionOptions {
  std::string name;
  std::string server;
  std::string ttl;
  bool is_mount_table = false;
  bool is_leaf = false;
  bool replaces = false;
};

nb::Result<int> run_mount(Console& console, const MountOptions& options) {
  auto ttl = options.ttl == "0" ? nb::Result<std::chrono::nanoseconds>(std::chrono::nanoseconds(0))
                                : parse_duration(options.ttl);
  if (!ttl) return ttl.error();
  auto session = Session::make(console, options);
  if (!session) return session.error();
  std::uint32_t flags = 0;
  if (options.is_mount_table) flags |= static_cast<std::uint32_t>(v23::naming::MT);
  if (options.is_leaf) flags |= static_cast<std::uint32_t>(v23::naming::Leaf);
  if (options.replaces) flags |= static_cast<std::uint32_t>(v23::naming::Replace);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*ttl);
  auto mounted = session->names()
                     .mount(session->context(), options.name, options.server, seconds, v23::naming::MountFlag(flags))
                     .get();
  if (!mounted) return mounted.error();
  console.answer(visible(options.name) + " stands for " + visible(options.server) + "\n",
                 Json{{"name", visible(options.name)}, {"server", visible(options.server)}});
  return 0;
}

struct UnmountOptions : SessionOptions {
  std::string name;
  std::string server;
};

nb::Result<int> run_unmount(Console& console, const UnmountOptions& options) {
  auto session = Session::make(console, options);
  if (!session) return session.error();
  auto unmounted = session->names().unmount(session->context(), options.name, options.server).get();
  if (!unmounted) return unmounted.error();
  console.answer("unmounted from " + visible(options.name) + "\n", Json{{"name", visible(options.name)}});
  return 0;
}

struct DeleteOptions : SessionOptions {
  std::string name;
  bool with_subtree = false;
};

nb::Result<int> run_delete(Console& console, const DeleteOptions& options) {
  auto session = Session::make(console, options);
  if (!session) return session.error();
  auto deleted = session->names().remove(session->context(), options.name, options.with_subtree).get();
  if (!deleted) return deleted.error();
  console.answer("deleted " + visible(options.name) + "\n", Json{{"name", visible(options.name)}});
  return 0;
}

}  // namespace

void add_mount(Verbs& verbs) {
  auto options = std::make_shared<MountOptions>();
  CLI::App& verb = verbs.add("mount", "let a name stand for a server", options, run_mount);
  verb.add_option("NAME", options->name, "the name")->required();
  verb.add_option("SERVER", options->server, "an object name with an address, as /host:port or /@6@…")->required();
  verb.add_option("TTL", options->ttl, "for how long, as 24h or 90s; 0 for ever")->required();
  verb.add_flag("--mount-table", options->is_mount_table, "the server is a mount table");
  verb.add_flag("--leaf", options->is_leaf, "the server has no names below its own");
  verb.add_flag("--replace", options->replaces, "in the place of the servers that are mounted there");
  options->add_to(verb);
}

void add_unmount(Verbs& verbs) {
  auto options = std::make_shared<UnmountOptions>();
  CLI::App& verb = verbs.add("unmount", "let a name stand for a server no longer", options, run_unmount);
  verb.add_option("NAME", options->name, "the name")->required();
  verb.add_option("SERVER", options->server, "the server; all of them if it is not said");
  options->add_to(verb);
}

void add_delete(Verbs& verbs) {
  auto options = std::make_shared<DeleteOptions>();
  CLI::App& verb = verbs.add("delete", "delete a name from its mount table", options, run_delete);
  verb.add_option("NAME", options->name, "the name")->required();
  verb.add_flag("-r,--recursive", options->with_subtree, "with all names below it");
  options->add_to(verb);
}

}  // namespace tool

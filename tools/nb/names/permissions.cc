// nb namespace permissions get and set
#include "cli/files.h"
#include "names/session.h"
#include "names/verbs.h"
#include "words/visible.h"

namespace tool {
namespace {

struct PermissionsOptions : SessionOptions {
  std::string name;
  std::string file;
  std::string version;
};

nb::Result<int> run_permissions_get(Console& console, const PermissionsOptions& options) {
  auto session = Session::make(console, options);
  if (!session) return session.error();
  auto found = session->names().get_permissions(session->context(), options.name).get();
  if (!found) return found.error();
  auto json = nb::permissions_to_json(found->permissions);
  if (!json) return json.error();
  const Json permissions = Json::parse(*json);
  console.answer(permissions.dump(2) + "\nversion " + visible(found->version) + "\n",
                 Json{{"permissions", permissions}, {"version", visible(found->version)}});
  return 0;
}

nb::Result<int> run_permissions_set(Console& console, const PermissionsOptions& options) {
  auto text = read_text(options.file);
  if (!text) return text.error();
  auto permissions = nb::permissions_from_json(*text);
  if (!permissions) return permissions.error();
  auto session = Session::make(console, options);
  if (!session) return session.error();
  auto done = session->names()
                  .set_permissions(session->context(), options.name, *std::move(permissions), options.version)
                  .get();
  if (!done) return done.error();
  console.answer("permissions of " + visible(options.name) + " set\n", Json{{"name", visible(options.name)}});
  return 0;
}

}  // namespace

void add_permissions(Verbs& verbs) {
  Verbs group = verbs.group("permissions", "who may do what with a name in its mount table");
  auto get_options = std::make_shared<PermissionsOptions>();
  CLI::App& get = group.add("get", "print the permissions of a name", get_options, run_permissions_get);
  get.add_option("NAME", get_options->name, "the name")->required();
  get_options->add_to(get);

  auto set_options = std::make_shared<PermissionsOptions>();
  CLI::App& set = group.add("set", "set the permissions of a name", set_options, run_permissions_set);
  set.add_option("NAME", set_options->name, "the name")->required();
  set.add_option("FILE", set_options->file, "permissions in JSON; - for standard input")->required();
  set.add_option("--version", set_options->version,
                 "what `get` said; if they were changed since then, nothing happens and it ends with 1")
      ->type_name("VERSION");
  set_options->add_to(set);
}

}  // namespace tool

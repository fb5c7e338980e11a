// nb mounttable
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/services/mount_table.h>

#include "cli/failure.h"
#include "cli/files.h"
#include "names/verbs.h"
#include "serve/signals.h"
#include "words/times.h"

namespace tool {
namespace {

struct MountTableVerb {
  std::vector<std::string> listen;
  std::string store;
  std::string permissions;
  std::vector<std::string> names;
  std::vector<std::string> roots;
  std::string grace = "5s";
};

nb::Result<nb::MountTableOptions> table_options(const MountTableVerb& options) {
  nb::MountTableOptions table;
  if (!options.permissions.empty()) {
    auto text = read_text(options.permissions);
    if (!text) return text.error();
    auto permissions = nb::mount_table_permissions_from_json(*text);
    if (!permissions) return about(options.permissions, permissions.error());
    table.permissions(*std::move(permissions));
  }
  if (!options.store.empty()) {
    if (!is_folder(options.store)) return failure("there is no folder " + options.store);
    auto store = nb::file_mount_table_store(options.store + "/mounttable.sqlite");
    if (!store) return about(options.store, store.error());
    table.store(*std::move(store));
  }
  return table;
}

// "tcp@127.0.0.1:0"
nb::Result<std::pair<std::string, std::string>> where_to_listen(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos || at + 1 == text.size()) {
    return failure("--listen `" + text + "` is not PROTOCOL@ADDRESS; write for example tcp@0.0.0.0:8101");
  }
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

nb::Result<int> run_mounttable(Console& console, const MountTableVerb& options) {
  const auto grace = parse_duration(options.grace);
  if (!grace) return grace.error();
  auto principal = console.open();
  if (!principal) return principal.error();
  auto table = table_options(options);
  if (!table) return table.error();
  auto dispatcher = nb::make_mount_table(*table);
  if (!dispatcher) return dispatcher.error();

  EndSignals signals;  // before there are threads

  nb::RuntimeOptions runtime_options;
  runtime_options.principal(*std::move(principal)).grace(*grace);
  if (!options.roots.empty()) runtime_options.namespace_roots(options.roots);
  auto runtime = nb::Runtime::make(runtime_options);
  if (!runtime) return runtime.error();
  nb::ServerOptions server_options;
  server_options.serves_mount_table().handlers(nb::pool(4)).grace(*grace);
  for (const std::string& where : options.listen) {
    auto place = where_to_listen(where);
    if (!place) return place.error();
    server_options.listen(std::move(place->first), std::move(place->second));
  }
  for (const std::string& name : options.names) server_options.name(name);
  auto server = runtime->serve(*std::move(dispatcher), server_options);
  if (!server) return server.error();
  // What scripts wait for, as they do with Go's.
  std::cout << "NAME=" << server->name() << std::endl;

  signals.wait();
  server->stop(*grace);
  (void)runtime->shutdown(*grace);
  return 0;
}

}  // namespace

void add_mounttable(Verbs& verbs) {
  auto options = std::make_shared<MountTableVerb>();
  options->listen = {"tcp@127.0.0.1:0"};
  CLI::App& verb = verbs.add("mounttable", "serve a mount table until SIGTERM or SIGINT", options, run_mounttable);
  verb.add_option("--listen", options->listen,
                  "where, as tcp@0.0.0.0:8101 or wsh@…; may be said several times; 127.0.0.1 and a free port otherwise")
      ->type_name("PROTOCOL@ADDRESS");
  verb.add_option("--store", options->store, "a folder to keep names and permissions in; nothing is kept otherwise")
      ->type_name("FOLDER");
  verb.add_option("--permissions", options->permissions,
                  "a file of JSON with permissions by name, which hold from the start; without it, and with nothing "
                  "kept, everybody may do everything")
      ->type_name("FILE");
  verb.add_option("--name", options->names, "mounts itself under this name; may be said several times")
      ->type_name("NAME");
  verb.add_option("--root,--v23.namespace.root", options->roots, "the mount table in which --name begins")
      ->type_name("NAME");
  verb.add_option("--grace", options->grace, "how long calls that run may go on when it stops, 5s unless this is said")
      ->type_name("DURATION");
  verb.footer("Prints NAME= and the name of the table once it can be called.");
}

}  // namespace tool

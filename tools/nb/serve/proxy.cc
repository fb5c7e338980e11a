// nb proxy: leads connections to servers that cannot be reached themselves.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/security/access.h>
#include <nb/security/authorizer.h>
#include <nb/services/proxy.h>

#include "cli/failure.h"
#include "cli/files.h"
#include "serve/signals.h"
#include "serve/verbs.h"

namespace tool {
namespace {

struct ProxyCommand {
  std::vector<std::string> listen;
  std::vector<std::string> behind;
  std::string access_list;
  bool everyone = false;
  nb::ProxyLimits limits;
};

// "wsh@0.0.0.0:8100"
nb::Result<std::pair<std::string, std::string>> protocol_and_address(const std::string& text) {
  const auto at = text.find('@');
  if (at == std::string::npos || at + 1 == text.size()) {
    return failure("--listen `" + text + "` is not PROTOCOL@ADDRESS; write for example wsh@0.0.0.0:8100");
  }
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

nb::Result<std::shared_ptr<const nb::Authorizer>> who_may(const ProxyCommand& command) {
  if (command.everyone && !command.access_list.empty()) {
    return failure("only one rule can decide; give --access-list or --everyone");
  }
  if (command.everyone) return nb::allow_everyone();
  if (command.access_list.empty()) return nb::default_authorizer();
  nb::Result<std::string> text = command.access_list;
  if (!command.access_list.starts_with('{')) text = read_text(command.access_list);
  if (!text) return text.error();
  // An access list is what permissions hold for a tag.
  const auto wrapped = nb::permissions_from_json("{\"list\":" + *text + "}");
  if (!wrapped || wrapped->size() != 1) {
    return failure("--access-list holds no access list; write {\"In\":[\"alice\"],\"NotIn\":[\"alice:bob\"]}" +
                   (wrapped ? std::string() : ": " + std::string(wrapped.error().message())));
  }
  return nb::access_list_authorizer(wrapped->begin()->second);
}

nb::Result<int> run_proxy(Console& console, const ProxyCommand& command) {
  nb::ServerOptions options;
  for (const std::string& text : command.listen) {
    auto where = protocol_and_address(text);
    if (!where) return where.error();
    options.listen(where->first, where->second);
  }
  for (const std::string& name : command.behind) options.proxy(name);
  auto authorizer = who_may(command);
  if (!authorizer) return authorizer.error();
  options.authorizer(*authorizer);
  auto principal = console.open();
  if (!principal) return principal.error();

  EndSignals signals;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().principal(*principal));
  if (!runtime) return runtime.error();
  auto proxy = nb::serve_proxy(*runtime, options, command.limits);
  if (!proxy) return proxy.error();
  std::string text;
  Json names = Json::array();
  for (const std::string& endpoint : proxy->endpoints()) {
    text += "/" + endpoint + "\n";
    names.push_back("/" + endpoint);
  }
  console.answer(text, Json{{"names", names}});
  std::cout.flush();
  signals.wait();
  proxy->stop();
  return 0;
}

}  // namespace

void add_proxy(Verbs& verbs) {
  auto command = std::make_shared<ProxyCommand>();
  CLI::App& verb =
      verbs.add("proxy", "lead connections to servers that cannot be reached themselves", command, run_proxy);
  verb.footer(
      "Prints the proxy's object names, a line each, and serves until SIGTERM or SIGINT. Servers behind it say\n"
      "nb::ServerOptions().proxy(NAME), or --v23.proxy=NAME if they are Go's. What passes is sealed between its ends.");
  verb.add_option("--listen", command->listen,
                  "where, as PROTOCOL@ADDRESS: tcp, ws or wsh (both on one port); repeatable")
      ->type_name("PROTOCOL@ADDRESS")
      ->required();
  verb.add_option("--access-list", command->access_list,
                  "which servers may be reached through it: JSON, or a file with it (else: those of the same tree of "
                  "names)")
      ->type_name("JSON");
  verb.add_flag("--everyone", command->everyone, "any server may be reached through it");
  verb.add_option("--behind", command->behind, "the name of a proxy behind which this one stands itself; repeatable")
      ->type_name("NAME");
  verb.add_option("--max-servers", command->limits.servers, "how many servers are reached through it at once")
      ->capture_default_str();
  verb.add_option("--max-routes", command->limits.routes, "how many connections pass at once")->capture_default_str();
}

}  // namespace tool

#include "names/session.h"

#include <utility>

#include <nb/security/authorizer.h>

#include "cli/failure.h"
#include "words/times.h"

namespace tool {

void SessionOptions::add_to(CLI::App& verb) {
  verb.add_option("--root,--v23.namespace.root", roots,
                  "a mount table in which names begin, as /host:port or /(name)@host:port; may be said several times "
                  "(else: the variables that begin with V23_NAMESPACE)")
      ->type_name("NAME");
  verb.add_option("--timeout", timeout, "how long it may take, 1m unless this is said")->type_name("DURATION");
  verb.add_flag("--insecure", insecure, "believe whatever mount table answers");
}

nb::Result<Session> Session::make(Console& console, const SessionOptions& options) {
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) return timeout.error();
  auto principal = console.open();
  if (!principal) return principal.error();
  nb::RuntimeOptions runtime_options;
  runtime_options.threads(1).principal(*std::move(principal));
  if (!options.roots.empty()) runtime_options.namespace_roots(options.roots);
  auto runtime = nb::Runtime::make(runtime_options);
  if (!runtime) return runtime.error();
  nb::CallOptions call_options;
  if (options.insecure) call_options.name_resolution_authorizer(nb::allow_everyone());
  return Session(*std::move(runtime), *timeout, std::move(call_options));
}

}  // namespace tool

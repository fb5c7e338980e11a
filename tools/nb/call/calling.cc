#include "call/calling.h"

#include <nb/rpc/namespace.h>
#include <nb/security/authorizer.h>
#include <nb/security/pattern.h>

#include "call/status.h"
#include "cli/failure.h"
#include "cli/inputs.h"
#include "words/times.h"

namespace tool {

void CallingOptions::add_to(CLI::App& verb, bool with_insecure) {
  verb.add_option("NAME", name, "the server's object: /host:port/x, an endpoint, or a name that mount tables resolve")
      ->required();
  verb.add_option("--root,--v23.namespace.root", roots,
                  "a mount table in which names begin, as /host:port or /(name)@host:port; may be said several times "
                  "(else: the variables that begin with V23_NAMESPACE)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  verb.add_option("--timeout", timeout, "how long it may take, 1m unless this is said; 0s: for ever")
      ->type_name("DURATION");
  verb.add_option("--connection-timeout", connection_timeout, "how long it may take until a server is reached")
      ->type_name("DURATION");
  verb.add_option("--server", servers,
                  "only a server with a name that matches, as alice:tv; may be said several times: one of them")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  verb.add_option("--server-key", server_key, "only the server with this key")->type_name("KEY");
  verb.add_option("--language", language, "the language for the server's texts, as de-CH")->type_name("TAG");
  verb.add_flag("-s,--shallow", shallow, "of a mount table's name: that table, and not what is at its root");
  verb.add_flag("--no-resolve", no_resolve, "ask no mount table: NAME is called where its address says");
  verb.add_flag("--no-retry", no_retry, "try once");
  verb.add_flag("--no-discharges", no_discharges, "fetch no discharges");
  if (with_insecure) {
    verb.add_flag("--insecure", insecure, "believe whatever server and mount table answers; they learn your names");
  }
}

nb::Result<Calling> Calling::make(Console& console, const CallingOptions& options) {
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) return timeout.error();
  nb::CallOptions call_options;
  if (!options.connection_timeout.empty()) {
    const auto limit = parse_duration(options.connection_timeout);
    if (!limit) return limit.error();
    call_options.connection_timeout(*limit);
  }
  if (!options.servers.empty()) {
    std::vector<nb::BlessingPattern> patterns;
    for (const std::string& each : options.servers) {
      const nb::BlessingPattern pattern(each);
      if (!nb::is_valid(pattern)) return failure("--server `" + each + "` is no pattern of names");
      patterns.push_back(pattern);
    }
    call_options.allowed_servers(std::move(patterns));
  }
  if (!options.server_key.empty()) {
    auto key = read_key(console, options.server_key);
    if (!key) return key.error();
    call_options.server_key(*std::move(key));
  }
  if (options.insecure) {
    call_options.server_authorizer(nb::allow_everyone()).name_resolution_authorizer(nb::allow_everyone());
  }
  if (options.no_resolve) call_options.no_resolve();
  if (options.no_retry) call_options.no_retry();
  if (options.no_discharges) call_options.no_discharges();

  auto principal = console.open();
  if (!principal) return principal.error();
  nb::RuntimeOptions runtime_options;
  runtime_options.threads(1).principal(*std::move(principal));
  if (!options.roots.empty()) runtime_options.namespace_roots(options.roots);
  auto runtime = nb::Runtime::make(runtime_options);
  if (!runtime) return runtime.error();
  nb::Context context = runtime->context();
  if (timeout->count() > 0) context = context.with_timeout(*timeout);
  if (!options.language.empty()) context = context.with_language(options.language);
  if (options.shallow) {
    auto entry = nb::Namespace(*runtime, call_options).shallow_resolve(context, options.name).get();
    if (!entry) return entry.error();
    call_options.preresolved(*std::move(entry));
  }
  return Calling(*std::move(runtime), std::move(context), std::move(call_options), options.name);
}

nb::Result<nb::MethodSignature> Calling::method_signature(const std::string& method) const {
  return object().call<nb::MethodSignature>(context_, nb::CallOptions(), "__MethodSignature", method).get();
}

}  // namespace tool

// nb signature
#include "call/calling.h"
#include "call/signature_text.h"
#include "call/status.h"
#include "call/verbs.h"

namespace tool {
namespace {

struct SignatureVerb : CallingOptions {
  std::string method;
  bool show_reserved = false;
};

nb::Result<int> run_signature(Console& console, const SignatureVerb& options) {
  auto calling = Calling::make(console, options);
  if (!calling) return calling.error();
  if (!options.method.empty()) {
    const auto method = calling->method_signature(options.method);
    if (!method) return fail(console, method.error());
    console.answer(signature_text(*method), signature_json(*method));
    return 0;
  }
  auto interfaces = calling->object()
                        .call<std::vector<nb::InterfaceSignature>>(calling->context(), nb::CallOptions(), "__Signature")
                        .get();
  if (!interfaces) return fail(console, interfaces.error());
  if (!options.show_reserved) std::erase_if(*interfaces, [](const auto& each) { return each.Name.starts_with("__"); });
  console.answer(signature_text(*interfaces), signature_json(*interfaces));
  return 0;
}

}  // namespace

void add_signature(Verbs& verbs) {
  auto options = std::make_shared<SignatureVerb>();
  CLI::App& verb = verbs.add("signature", "print the interfaces of a server, as VDL", options, run_signature);
  options->add_to(verb, true);
  verb.add_option("METHOD", options->method, "only this method");
  verb.add_flag("--show-reserved", options->show_reserved, "also what every server answers (__Glob and so on)");
  verb.footer(kStatusHelp);
}

}  // namespace tool

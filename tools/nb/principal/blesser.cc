#include "principal/blesser.h"

#include <nb/security/pattern.h>

#include "cli/failure.h"
#include "cli/inputs.h"

namespace tool {

void Blesser::add_to(CLI::App& verb) {
  verb.add_option("extension", extension, "what is added to the blesser's name")->required();
  verb.add_option("--with", with, "the blessings to extend, text or file; else the default ones")
      ->type_name("BLESSINGS");
  caveats.add_to(verb, true);
}

nb::Result<ReadyBlesser> prepare(Console& console, const Blesser& blesser) {
  ReadyBlesser ready;
  if (auto good = nb::check_extension(blesser.extension); !good) {
    return about("the extension `" + blesser.extension + "`", good.error());
  }
  auto caveats = blesser.caveats.caveats_or_consent(console);
  if (!caveats) return caveats.error();
  auto principal = console.open();
  if (!principal) return principal.error();
  ready.principal = *principal;
  if (blesser.with.empty()) {
    ready.with = ready.principal->store().default_blessings();
    if (ready.with.is_zero()) {
      return failure(
          "the blesser has no default blessings; name the ones to extend with --with, or give it some: "
          "nb principal blessself NAME | nb principal set default -");
    }
  } else {
    auto with = read_blessings(blesser.with);
    if (!with) return about("--with", with.error());
    ready.with = std::move(*with);
  }
  ready.extension = blesser.extension;
  ready.caveats = std::move(*caveats);
  return ready;
}

nb::Result<nb::Blessings> ReadyBlesser::bless(const nb::PublicKey& key) const {
  return principal->bless(key, with, extension, caveats.front(), {caveats.begin() + 1, caveats.end()});
}

}  // namespace tool

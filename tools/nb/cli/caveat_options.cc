#include "cli/caveat_options.h"

#include "cli/caveat_text.h"
#include "cli/failure.h"
#include "words/times.h"

namespace tool {

void CaveatOptions::add_to(CLI::App& verb, bool with_require) {
  verb.add_option("--for", lasts, "expire after this time: 90s, 30m, 24h, 7d")->type_name("DURATION");
  verb.add_option("--caveat", texts, kCaveatHelp)->type_name("KIND=PARAMETER")->allow_extra_args(false);
  if (!with_require) return;
  verb.add_flag("--require-caveats", required,
                "with =false: bless without any caveat, which gives away all that the blesser may do");
}

nb::Result<std::vector<nb::Caveat>> CaveatOptions::caveats(const Console& console) const {
  const nb::Time now = nb::Time::now();
  std::vector<nb::Caveat> caveats;
  for (const std::string& text : texts) {
    auto caveat = parse_caveat(console, text, now);
    if (!caveat) return caveat.error();
    caveats.push_back(std::move(*caveat));
  }
  // Go's tools take 0 as "never".
  if (lasts.empty() || lasts == "0") return caveats;
  auto duration = parse_duration(lasts);
  if (!duration) return about("--for", duration.error());
  if (duration->count() > 0) caveats.push_back(nb::expiry_caveat(later(now, *duration)));
  return caveats;
}

nb::Result<std::vector<nb::Caveat>> CaveatOptions::caveats_or_consent(const Console& console) const {
  auto caveats = this->caveats(console);
  if (!caveats || !caveats->empty()) return caveats;
  if (required) {
    return failure(
        "no caveat is given, and whoever is blessed without one can do nearly all that the blesser can; "
        "limit it with --for or --caveat, or say --require-caveats=false");
  }
  return std::vector<nb::Caveat>{nb::unconstrained_use()};
}

}  // namespace tool

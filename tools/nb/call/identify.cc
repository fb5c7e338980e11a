// nb identify
#include <mutex>
#include <optional>

#include <nb/security/authorizer.h>
#include <nb/security/blessing_names.h>

#include "call/calling.h"
#include "call/status.h"
#include "call/verbs.h"
#include "cli/inputs.h"
#include "words/blessings.h"
#include "words/lists.h"
#include "words/visible.h"

namespace tool {
namespace {

// Looks at a server and then does not believe it, so that it learns nothing about us.
class Onlooker final : public nb::Authorizer {
 public:
  struct Seen {
    nb::Blessings presented;
    nb::BlessingNames names;
  };
  nb::Result<void> authorize(const nb::Context& context, const nb::SecurityCall& call) const override {
    const std::lock_guard lock(mutex_);
    if (!seen_) seen_ = Seen{call.remote_blessings, nb::remote_blessing_names(context, call)};
    return nb::verror::NotTrusted("seen enough");
  }
  std::optional<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::optional<Seen> seen_;
};

nb::Result<int> run_identify(Console& console, const CallingOptions& options) {
  auto calling = Calling::make(console, options);
  if (!calling) return calling.error();
  const auto onlooker = std::make_shared<Onlooker>();
  const auto called =
      calling->object()
          .call<nb::AnyResults>(calling->context(), nb::CallOptions().server_authorizer(onlooker).no_retry(), "")
          .get();
  const auto seen = onlooker->seen();
  if (!seen) {
    return fail(console, called.error());
  }
  const auto& key = seen->presented.public_key();
  std::string text = "PRESENTED: " + names_of(seen->presented, nb::Time::now()) + "\n";
  text += "VALID:     " + listed(seen->names.valid, "and", "none") + "\n";
  Json rejected = Json::array();
  for (const auto& each : seen->names.rejected) {
    const nb::Error why = each.Err.value_or(nb::Error());
    text += "REFUSED:   " + each.Blessing + ": " + std::string(why.message()) + "\n";
    rejected.push_back(Json{{"name", each.Blessing}, {"why", why.message()}});
  }
  text += "PUBLICKEY: " + describe(key) + "\n           " + key_text(key) + "\n";
  Json document = blessings_json(seen->presented, nb::Time::now());
  console.answer(visible(text, Lines::kKept), Json{{"presented", std::move(document)},
                                                   {"valid", seen->names.valid},
                                                   {"refused", std::move(rejected)},
                                                   {"publicKey", key_text(key)}});
  return 0;
}

}  // namespace

void add_identify(Verbs& verbs) {
  auto options = std::make_shared<CallingOptions>();
  CLI::App& verb = verbs.add("identify", "print the blessings that a server shows, and which of them count here",
                             options, run_identify);
  options->add_to(verb, true);
  verb.footer(std::string("The server is not called and learns no name of yours.\n") + kStatusHelp);
}

}  // namespace tool

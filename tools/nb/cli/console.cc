#include "cli/console.h"

#include <cstdlib>
#include <iostream>

#include "cli/failure.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "words/visible.h"

namespace tool {
namespace {

constexpr std::string_view kPassphraseRequired = "v.io/x/ref/lib/security.errPassphraseRequired";
constexpr std::string_view kBadPassphrase = "v.io/x/ref/lib/security.errBadPassphrase";

nb::Error cannot_open(const std::string& folder, const nb::Error& error) {
  if (!is_folder(folder)) {
    return failure("there is no folder " + folder + "; `nb principal create " + folder +
                   " NAME` makes a principal there");
  }
  if (!is_file(folder + "/publickey.pem") && !is_file(folder + "/privatekey.pem")) {
    return failure(folder + " holds no principal; `nb principal create " + folder + " NAME` makes one there");
  }
  return about("credentials in " + folder, error);
}

}  // namespace

nb::Result<std::string> Console::folder() const {
  if (!credentials.empty()) return credentials;
  const char* value = std::getenv("V23_CREDENTIALS");
  if (value && *value) return std::string(value);
  return failure("it is not said as whom to act; give --credentials FOLDER or set V23_CREDENTIALS");
}

nb::Result<std::shared_ptr<const nb::Principal>> Console::open() {
  auto where = folder();
  if (!where) return where.error();
  nb::CredentialsOptions options;
  if (!passphrase_file.empty()) {
    auto passphrase = read_passphrase_file(passphrase_file);
    if (!passphrase) return passphrase.error();
    options.passphrase(std::move(*passphrase));
  }
  auto principal = nb::open_credentials(*where, options);
  if (!principal && principal.error().is(kPassphraseRequired)) {
    if (!has_terminal()) {
      return failure("the private key in " + *where +
                     " is encrypted and there is no terminal to ask at; give --passphrase-file");
    }
    auto passphrase = ask_passphrase("Passphrase of " + *where + ": ");
    if (!passphrase) return passphrase.error();
    principal = nb::open_credentials(*where, options.passphrase(std::move(*passphrase)));
  }
  if (!principal && principal.error().is(kBadPassphrase)) {
    return failure("this is not the passphrase of the private key in " + *where);
  }
  if (!principal) return cannot_open(*where, principal.error());
  return principal;
}

nb::Result<std::shared_ptr<const nb::Principal>> Console::open_to_read() {
  auto where = folder();
  if (!where) return where.error();
  return open_to_read(*where);
}

nb::Result<std::shared_ptr<const nb::Principal>> Console::open_to_read(const std::string& where) const {
  // The log would say that an encrypted key cannot sign; nobody wants it to.
  struct Silent final : nb::LogSink {
    void log(nb::Severity, std::string_view) override {}
  };
  auto principal = nb::open_credentials(where, nb::CredentialsOptions().read_only().log(std::make_shared<Silent>()));
  if (!principal) return cannot_open(where, principal.error());
  return principal;
}

nb::Result<nb::Passphrase> Console::new_passphrase(bool wanted, const std::string& where) const {
  if (!passphrase_file.empty()) {
    auto passphrase = read_passphrase_file(passphrase_file);
    if (passphrase && passphrase->text().empty()) return failure("the first line of " + passphrase_file + " is empty");
    return passphrase;
  }
  if (!wanted) return nb::Passphrase();
  if (!has_terminal()) {
    return failure("the new key in " + where +
                   " wants a passphrase and there is no terminal to ask at; give --passphrase-file, or keep the key "
                   "unencrypted with --with-passphrase=false");
  }
  auto passphrase = ask_new_passphrase("Passphrase for the new key in " + where + ": ");
  if (passphrase && passphrase->text().empty()) {
    return failure("the passphrase is empty; --with-passphrase=false keeps the key unencrypted");
  }
  return passphrase;
}

void Console::answer(const std::string& text, const Json& document) const {
  if (json) {
    std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    std::cout << visible(text, Lines::kKept);
  }
}

void complain(const Console& console, const nb::Error& error) {
  if (console.json) {
    const Json document = {{"error", {{"id", error.id()}, {"message", error.message()}}}};
    std::cerr << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    std::cerr << "nb: " << visible(error.message()) << '\n';
  }
}

}  // namespace tool

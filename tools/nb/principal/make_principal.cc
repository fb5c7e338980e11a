#include "principal/make_principal.h"

#include <array>
#include <filesystem>

#include <nb/base/verror.h>
#include <nb/security/credentials.h>

#include "cli/failure.h"
#include "cli/files.h"
#include "words/blessings.h"

namespace tool {
namespace {

// The files of a principal and no others: the folder may hold what is not ours.
constexpr std::array kFiles{"privatekey.pem",    "publickey.pem",      "blessingstore.data",
                            "blessingstore.sig", "blessingroots.data", "blessingroots.sig"};

nb::Result<void> remove_old(const std::string& folder) {
  for (const char* name : kFiles) {
    std::error_code error;
    std::filesystem::remove(folder + "/" + name, error);
    if (error) return failure(folder + "/" + name + " cannot be removed: " + error.message());
  }
  return {};
}

}  // namespace

void NewPrincipal::add_to(CLI::App& verb) {
  verb.add_option("directory", folder, "where to keep the new principal; made if it is not there")->required();
  verb.add_option("--key-type", key_type, "ecdsa256 (default), ecdsa384, ecdsa521, ed25519, rsa2048 or rsa4096")
      ->type_name("TYPE");
  verb.add_flag("--with-passphrase", with_passphrase, "encrypt the key (default); with =false: do not");
  verb.add_flag("--overwrite", overwrite, "replace the principal that is there; its key is lost");
}

nb::Result<std::shared_ptr<const nb::Principal>> make_principal(const Console& console, const NewPrincipal& wanted) {
  const auto type = nb::key_type_from_string(wanted.key_type);
  if (!type) return about("--key-type", type.error());
  const bool is_taken = is_file(wanted.folder + "/privatekey.pem") || is_file(wanted.folder + "/publickey.pem");
  if (is_taken && !wanted.overwrite) {
    return failure(wanted.folder + " holds a principal already; take another folder, or replace it with --overwrite");
  }
  auto passphrase = console.new_passphrase(wanted.with_passphrase, wanted.folder);
  if (!passphrase) return passphrase.error();
  // The new key first: what can fail should fail before the old one is gone.
  auto key = nb::PrivateKey::make(*type);
  if (!key) return about("the new key", key.error());
  if (is_taken) {
    if (auto removed = remove_old(wanted.folder); !removed) return removed.error();
  }
  nb::CredentialsOptions options;
  if (passphrase->given()) options.passphrase(std::move(*passphrase));
  auto principal = nb::create_credentials(wanted.folder, *key, options);
  if (!principal) return about("the new principal in " + wanted.folder, principal.error());
  return principal;
}

void answer_with(const Console& console, const std::string& folder, const nb::Principal& principal) {
  const nb::Time now = nb::Time::now();
  const nb::Blessings blessings = principal.store().default_blessings();
  console.answer(
      "made " + folder + "\nkey   " + describe(principal.public_key()) + "\nnames " + names_of(blessings, now) + "\n",
      {{"directory", folder},
       {"key", key_json(principal.public_key())},
       {"blessings", blessings_json(blessings, now)}});
}

}  // namespace tool

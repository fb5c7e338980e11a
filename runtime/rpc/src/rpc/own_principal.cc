#include "rpc/own_principal.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nb/base/verror.h>
#include <nb/security/credentials.h>

namespace nb::rpc {

const char* const kHowToGetCredentials =
    "this program was given no credentials, so it made up a principal whose name nobody else believes: start programs "
    "that shall trust each other with V23_CREDENTIALS set to a folder that `nb principal create "
    "--with-passphrase=false FOLDER NAME` has made";

namespace {

constexpr const char* kEnvironment = "V23_CREDENTIALS";

constexpr std::array<std::string_view, 16> kWords = {"almond", "birch", "clover", "dahlia", "elder", "fern",
                                                     "ginger", "hazel", "iris",   "jasmin", "larch", "maple",
                                                     "nettle", "olive", "poppy",  "willow"};

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  std::string host(name.data());
  // Nothing that has a meaning in names and patterns.
  for (char& c : host) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!is_plain && c != '.') c = '-';
  }
  return host.empty() || host.find("...") != std::string::npos ? "localhost" : host;
}

Result<OwnPrincipal> made_up(const RuntimeOptions::Data& options) {
  auto principal = Principal::make();
  if (!principal) return principal.error();
  std::array<std::uint8_t, 1> choice{};
  options.random(choice);
  const std::string name = "anonymous-" + std::string(kWords[choice[0] % kWords.size()]) + "-" +
                           std::to_string(::getpid()) + "@" + host_name();
  auto self = (*principal)->bless_self(name);
  if (!self) return self.error();
  if (auto set = (*principal)->set_default_blessings(*self); !set) return set.error();
  return OwnPrincipal(*std::move(principal), true);
}

Error unusable(const std::string& what, const Error& why) {
  return why.with_message(what + ": " + std::string(why.message()));
}

Result<OwnPrincipal> from_folder(const std::string& folder, const std::string& named_by,
                                 const RuntimeOptions::Data& options) {
  const std::string what = "the credentials in " + folder + " (named by " + named_by + ") cannot be used";
  auto principal = open_credentials(folder, CredentialsOptions().read_only().log(options.log).clock(options.clock));
  if (!principal) return unusable(what, principal.error());
  if (!(*principal)->can_sign()) {
    return verror::BadState(
        what +
        " without the private key, or the passphrase that it is encrypted with; open_credentials() takes "
        "a passphrase, and RuntimeOptions().principal() what that gives");
  }
  return OwnPrincipal(*std::move(principal), false);
}

}  // namespace

Result<OwnPrincipal> own_principal(const RuntimeOptions::Data& options) {
  if (options.is_unauthenticated) {
    auto nobody = Principal::make();
    if (!nobody) return nobody.error();
    return OwnPrincipal(*std::move(nobody), false);
  }
  if (options.principal != nullptr) {
    if (!options.principal->can_sign()) return verror::BadArg("a runtime acts as a principal that can sign");
    return OwnPrincipal(options.principal, false);
  }
  if (!options.credentials.empty()) {
    return from_folder(options.credentials, "RuntimeOptions().credentials()", options);
  }
  const char* const folder = std::getenv(kEnvironment);
  if (folder != nullptr && *folder != '\0') return from_folder(folder, kEnvironment, options);
  return made_up(options);
}

}  // namespace nb::rpc

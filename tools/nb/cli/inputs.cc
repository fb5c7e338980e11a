#include "cli/inputs.h"

#include <nb/vom/vom.h>

#include "cli/failure.h"
#include "cli/files.h"
#include "security/base64.h"

namespace tool {
namespace {

struct Input {
  std::string name;  // for messages
  std::string text;
};

std::string shortened(const std::string& text) { return text.size() <= 40 ? text : text.substr(0, 37) + "..."; }

nb::Result<Input> read_input(const std::string& argument) {
  if (argument.empty()) return failure("an argument is empty; give a file, \"-\" for standard input, or the text");
  if (argument != "-" && !is_file(argument)) return Input{"`" + shortened(argument) + "`", argument};
  auto text = read_text(argument);
  if (!text) return text.error();
  Input input{argument == "-" ? "standard input" : argument, trimmed(*text)};
  if (input.text.empty()) return failure(input.name + " is empty");
  return input;
}

// A word that is no such text is more often a file whose name is mistyped.
bool looks_like_path(const std::string& text) {
  return text.size() < 64 || text.find_first_of("/. ") != std::string::npos;
}

nb::Error not_readable(const Input& input, const std::string& wanted, const nb::Error& error) {
  if (looks_like_path(input.text)) return failure(input.name + " is no file and no " + wanted);
  return failure(input.name + " holds no valid " + wanted + ": " + std::string(error.message()));
}

}  // namespace

nb::Result<nb::Blessings> read_blessings(const std::string& argument) {
  if (is_folder(argument)) {
    return failure(argument + " is a folder and not blessings; `nb principal get default --credentials " + argument +
                   "` prints its blessings");
  }
  auto input = read_input(argument);
  if (!input) return input.error();
  auto blessings = nb::Blessings::from_text(input->text);
  if (!blessings) return not_readable(*input, "blessings (base64url of VOM)", blessings.error());
  return blessings;
}

nb::Result<nb::Blessings> read_blessings_or_folder(const Console& console, const std::string& argument) {
  if (!is_folder(argument)) return read_blessings(argument);
  auto principal = console.open_to_read(argument);
  if (!principal) return principal.error();
  return (*principal)->store().default_blessings();
}

nb::Result<nb::PublicKey> read_key(const Console& console, const std::string& argument) {
  if (is_folder(argument)) {
    auto principal = console.open_to_read(argument);
    if (!principal) return principal.error();
    return (*principal)->public_key();
  }
  auto input = read_input(argument);
  if (!input) return input.error();
  if (input->text.starts_with("-----BEGIN")) {
    auto key = nb::PublicKey::from_pem(input->text);
    if (!key) return about(input->name, key.error());
    return key;
  }
  const auto bytes = nb::security::from_base64url(input->text);
  if (bytes) {
    if (auto key = nb::PublicKey::from_der(*bytes)) return key;
  }
  auto blessings = nb::Blessings::from_text(input->text);
  if (!blessings) {
    return not_readable(*input, "public key (base64url of DER, or PEM) or blessings", blessings.error());
  }
  if (blessings->is_zero()) return failure(input->name + " are empty blessings and have no key");
  return blessings->public_key();
}

nb::Result<nb::Discharge> read_discharge(const std::string& argument) {
  auto input = read_input(argument);
  if (!input) return input.error();
  const auto bytes = nb::security::from_base64url(input->text);
  const std::string wanted = "discharge (base64url of VOM)";
  if (!bytes) return not_readable(*input, wanted, failure("it is not base64url with padding"));
  auto discharge = nb::vom::decode<nb::Discharge>(*bytes);
  if (!discharge) return not_readable(*input, wanted, discharge.error());
  return discharge;
}

std::string key_text(const nb::PublicKey& key) { return nb::security::to_base64url(key.der()); }

}  // namespace tool

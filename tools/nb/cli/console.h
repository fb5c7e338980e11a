// Console: what every verb has at hand: the options that all of them take, the principal these name, and how to answer.
//
// One thread. Verbs get it when the command line has been read.
#pragma once

#include <memory>
#include <string>

#include <nb/base/result.h>
#include <nb/security/credentials.h>
#include <nlohmann/json.hpp>

namespace tool {

using Json = nlohmann::ordered_json;

class Console {
 public:
  // Filled in by the command line.
  std::string credentials;
  std::string passphrase_file;
  bool json = false;

  // The folder that is meant: --credentials, else V23_CREDENTIALS; fails when there is neither.
  nb::Result<std::string> folder() const;
  // The principal in it, for signing and changing; asks for a passphrase when one is needed.
  nb::Result<std::shared_ptr<const nb::Principal>> open();
  // The principal in it, or in `folder`, for looking: needs no passphrase, writes nothing.
  nb::Result<std::shared_ptr<const nb::Principal>> open_to_read();
  nb::Result<std::shared_ptr<const nb::Principal>> open_to_read(const std::string& folder) const;
  // For a new key: none unless `wanted`. From --passphrase-file or the terminal.
  nb::Result<nb::Passphrase> new_passphrase(bool wanted, const std::string& folder) const;

  // Prints `text`, or with --json the document. Once for each run.
  void answer(const std::string& text, const Json& document) const;
};

// Prints "nb: message", or with --json {"error": …}, to standard error.
void complain(const Console& console, const nb::Error& error);

}  // namespace tool

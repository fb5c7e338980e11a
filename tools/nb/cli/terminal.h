// Reads what nobody should see from the terminal.
#pragma once

#include <string>
#include <string_view>

#include <nb/base/result.h>
#include <nb/security/private_key.h>

namespace tool {

// Whether the process has a terminal to ask at.
bool has_terminal();
// Asks at the terminal, not on standard input, and does not show what is typed; the terminal is put right again also
// when a signal ends the program. At most 1023 bytes. Fails when there is no terminal.
nb::Result<nb::Passphrase> ask_passphrase(std::string_view prompt);
// Asks twice, until both are the same.
nb::Result<nb::Passphrase> ask_new_passphrase(std::string_view prompt);
// The first line of the file, or of standard input when it is "-".
nb::Result<nb::Passphrase> read_passphrase_file(const std::string& path);

}  // namespace tool

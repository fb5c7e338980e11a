// How verbs that call end: an exit status for each class of errors.
#pragma once

#include <nb/base/error.h>

#include "cli/console.h"

namespace tool {

// What --help says about it.
extern const char* const kStatusHelp;

// Of an error that a call ended with.
int status_of(const nb::Error& error);

// Says on standard error what went wrong, and gives the exit status.
int fail(const Console& console, const nb::Error& error);
// The same for what could not be read, whose message may have several lines.
int fail_to_read(const Console& console, const nb::Error& error);

}  // namespace tool

#include "call/status.h"

#include <algorithm>
#include <iostream>

#include <nb/base/verror.h>

#include "cli/failure.h"
#include "words/visible.h"

namespace tool {

const char* const kStatusHelp =
    "Ends with 0: fine; 1: it did not work on this side (credentials, files); 2: not understood, also an argument or "
    "item that is no literal of its type; 3: the method ended in an error of its own; 4: not allowed, the server does "
    "not let you or is not believed (NoAccess, NotTrusted); 5: no such name, object or method; 6: no server answers, "
    "or the connection broke; 7: the time was over; 8: cancelled.";

namespace {

// What mount tables say, also where it is the reason why there are no servers.
bool is_unknown_name(const nb::Error& error) {
  const auto subs = error.sub_errors();
  return error.id().ends_with("nameDoesntExist") || std::any_of(subs.begin(), subs.end(), [](const auto& each) {
           return each.error.id().ends_with("nameDoesntExist");
         });
}

}  // namespace

int status_of(const nb::Error& error) {
  using namespace nb::verror;
  const auto is_any_of = [&](auto&... kinds) { return (kinds.matches(error) || ...); };
  if (is_any_of(NoAccess, NotTrusted, NoExistOrNoAccess)) return 4;
  if (is_any_of(NoExist, UnknownMethod, UnknownSuffix) || is_unknown_name(error)) return 5;
  if (is_any_of(NoServers, BadProtocol)) return 6;
  if (is_any_of(Timeout)) return 7;
  if (is_any_of(Canceled, Aborted)) return 8;
  return 3;
}

int fail(const Console& console, const nb::Error& error) {
  const bool advises = is_unknown_name(error) && error.message().find("/@") != std::string_view::npos;
  complain(console, advises ? advise(error, "a mount table itself is called with --shallow or --no-resolve") : error);
  return status_of(error);
}

int fail_to_read(const Console& console, const nb::Error& error) {
  if (console.json) {
    complain(console, error);
  } else {
    std::cerr << "nb: " << visible(error.message(), Lines::kKept) << "\n";
  }
  return 2;
}

}  // namespace tool

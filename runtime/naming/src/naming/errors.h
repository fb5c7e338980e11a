// The errors of naming (docs/spec/rpc.md 13).
//
// Peers know them by two ids: Go makes the id of the path of the package that declares it, and finds no path when it
// was built with v.io as a module ("nameDoesntExist"), as programs that use it are; a build inside v.io's own tree has
// "v.io/v23/naming.nameDoesntExist". Go compares ids and nothing else, so mount tables say what the former know; both
// are understood, and our programs see the latter alone.
#pragma once

#include <string>
#include <string_view>

#include <nb/base/verror.h>

namespace nb::naming {

struct NamingError {
  StandardError full;
  StandardError as_sent;

  Error operator()(std::string_view detail = {}) const { return full(detail); }
  Error for_peers(std::string_view detail = {}) const { return as_sent(detail); }
  bool matches(const Error& error) const { return full.matches(error) || as_sent.matches(error); }
};

inline constexpr NamingError kNameDoesntExist{
    {"v.io/v23/naming.nameDoesntExist", NoRetry, "name doesn't exist"},
    {"nameDoesntExist", NoRetry, "name doesn't exist"},
};
inline constexpr NamingError kRootNameDoesntExist{
    {"v.io/v23/naming.rootNameDoesntExist", NoRetry, "namespace root name doesn't exist"},
    {"rootNameDoesntExist", NoRetry, "namespace root name doesn't exist"},
};
// These two do not travel.
inline constexpr StandardError kResolutionDepthExceeded{"v.io/v23/naming.resolutionDepthExceeded", NoRetry,
                                                        "resolution depth exceeded"};
inline constexpr StandardError kNoMountTable{"v.io/v23/naming.noMounttable", NoRetry, "no mount table"};

// What a mount table said, with the id that our programs know.
inline Error as_known(const Error& error) {
  for (const NamingError* each : {&kNameDoesntExist, &kRootNameDoesntExist}) {
    if (each->as_sent.matches(error)) {
      return Error(std::string(each->full.id), error.action(), std::string(error.message()), error.params());
    }
  }
  return error;
}

}  // namespace nb::naming

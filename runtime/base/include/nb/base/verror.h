// The standard errors of package v.io/v23/verror (docs/spec/rpc.md 9.4).
//
//   return nb::verror::NoExist("no account " + id);       // makes one; the message is "does not exist: no account 7"
//   if (nb::verror::Timeout.matches(result.error())) …    // recognises one, also when it came over the wire
//
// They are what this runtime itself answers with; errors that a .vdl file declares are nb::ErrorDef (vdl layer).
#pragma once

#include <string>
#include <string_view>

#include <nb/base/error.h>

namespace nb {

// An error declared by its id, action and text. `detail` is appended to the text after a colon.
struct StandardError {
  std::string_view id;
  RetryAction action;
  std::string_view text;

  Error operator()(std::string_view detail = {}) const;
  bool matches(const Error& error) const { return error.is(id); }
};

namespace verror {

inline constexpr StandardError Unknown{"v.io/v23/verror.Unknown", NoRetry, "error"};
inline constexpr StandardError Internal{"v.io/v23/verror.Internal", NoRetry, "internal error"};
inline constexpr StandardError NotImplemented{"v.io/v23/verror.NotImplemented", NoRetry, "not implemented"};
inline constexpr StandardError EndOfFile{"v.io/v23/verror.EndOfFile", NoRetry, "end of file"};
inline constexpr StandardError BadArg{"v.io/v23/verror.BadArg", NoRetry, "bad argument"};
inline constexpr StandardError BadState{"v.io/v23/verror.BadState", NoRetry, "invalid state"};
inline constexpr StandardError BadVersion{"v.io/v23/verror.BadVersion", NoRetry, "version is out of date"};
inline constexpr StandardError Exist{"v.io/v23/verror.Exist", NoRetry, "already exists"};
inline constexpr StandardError NoExist{"v.io/v23/verror.NoExist", NoRetry, "does not exist"};
inline constexpr StandardError UnknownMethod{"v.io/v23/verror.UnknownMethod", NoRetry, "method does not exist"};
inline constexpr StandardError UnknownSuffix{"v.io/v23/verror.UnknownSuffix", NoRetry, "suffix does not exist"};
inline constexpr StandardError NoExistOrNoAccess{"v.io/v23/verror.NoExistOrNoAccess", NoRetry,
                                                 "does not exist or access denied"};
inline constexpr StandardError NoServers{"v.io/v23/verror.NoServers", RetryRefetch, "no usable servers found"};
inline constexpr StandardError NoAccess{"v.io/v23/verror.NoAccess", RetryRefetch, "access denied"};
inline constexpr StandardError NotTrusted{"v.io/v23/verror.NotTrusted", RetryRefetch, "client does not trust server"};
inline constexpr StandardError Aborted{"v.io/v23/verror.Aborted", NoRetry, "aborted"};
inline constexpr StandardError BadProtocol{"v.io/v23/verror.BadProtocol", NoRetry, "bad protocol or type"};
inline constexpr StandardError Canceled{"v.io/v23/verror.Canceled", NoRetry, "canceled"};
inline constexpr StandardError Timeout{"v.io/v23/verror.Timeout", NoRetry, "timeout"};

}  // namespace verror
}  // namespace nb

// What a client asks of a server before it shows anything of itself (docs/spec/rpc.md 4.6), from its options and the
// pattern in the name.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <nb/base/result.h>
#include <nb/rpc/call_options.h>
#include <nb/security/authorizer.h>

namespace nb::rpc {

// BadArg when two different keys are asked for. Never null. What it refuses is errPeerAuthorizedFailed, with the
// server's names and the reason as sub-error.
Result<std::shared_ptr<const Authorizer>> server_authority(const CallOptions& options,
                                                           const std::optional<std::string>& pattern_in_name);

}  // namespace nb::rpc

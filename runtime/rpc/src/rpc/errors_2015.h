// Errors that the client of 2015 raised and today's does not, or only where it is asked to be like that one
// (docs/spec/rpc.md 13, rows 0-1 and 0-2). Their ids stay known, odd spellings included.
#pragma once

#include <nb/base/verror.h>

#define NB_RPC_ID(name) "v.io/x/ref/runtime/internal/rpc." name

namespace nb::rpc {

// Never raised by it either.
inline constexpr StandardError kIncompatibleEndpoint{NB_RPC_ID("errIncompatibleEndpoint"), NoRetry,
                                                     "incompatible endpoint"};
inline constexpr StandardError kDischargeEncoding{NB_RPC_ID("errDischargeEncoding"), NoRetry,
                                                  "failed to encode discharge"};
inline constexpr StandardError kBlessingEncoding{NB_RPC_ID("errBlessingEncoding"), NoRetry,
                                                 "failed to encode blessings"};

// Judging the server.
inline constexpr StandardError kServerAuthorizedFailed{NB_RPC_ID("errServerAuthorizedFailed"), NoRetry,
                                                       "failed to authorize the server"};
inline constexpr StandardError kNoBlessingsFromServer{NB_RPC_ID("errNoBlessingsFromServer"), NoRetry,
                                                      "the server has shown no blessings"};
inline constexpr StandardError kAuthNoServerBlessingsMatch{NB_RPC_ID("errAuthNoServerBlessingsMatch"), NoRetry,
                                                           "the server's blessings do not match the pattern"};
inline constexpr StandardError kAuthServerNotAllowed{NB_RPC_ID("errAuthServerNotAllowed"), NoRetry,
                                                     "the server is not among those that are allowed"};
inline constexpr StandardError kAuthServerKeyNotAllowed{NB_RPC_ID("errAuthServerKeyNotAllowed"), NoRetry,
                                                        "the server has another key"};

// What the client shows to it.
inline constexpr StandardError kNoPrincipal{NB_RPC_ID("errNoPrincipal"), NoRetry,
                                            "an encrypted call needs a principal"};
inline constexpr StandardError kNoBlessingsForPeer{NB_RPC_ID("errNoBlessingsForPeer"), NoRetry,
                                                   "no blessings to show to the server"};
inline constexpr StandardError kPrepareBlessingsAndDischarges{NB_RPC_ID("prepareBlessingsAndDischarges"), NoRetry,
                                                              "failed to prepare blessings and discharges"};
inline constexpr StandardError kDischargeImpetus{NB_RPC_ID("errDischargeImpetus"), NoRetry,
                                                 "failed to say what the discharges are for"};

// Blessings sent once for each connection.
inline constexpr StandardError kBlessingsKey{NB_RPC_ID("blessingsKey"), NoRetry, "unknown key of blessings"};
inline constexpr StandardError kInvalidClientBlessings{NB_RPC_ID("invalidClientBlessings"), NoRetry,
                                                       "invalid blessings of the client"};

}  // namespace nb::rpc

#undef NB_RPC_ID

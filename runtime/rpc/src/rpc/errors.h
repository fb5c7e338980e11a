// The errors of the rpc layer itself (docs/spec/rpc.md 13), with their ids as peers know them, odd spellings included.
// Most of them reach the caller inside one of the standard errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nb/base/verror.h>

#define NB_RPC_ID(name) "v.io/x/ref/runtime/internal/rpc." name

namespace nb::rpc {

inline constexpr StandardError kCloseAlreadyCalled{NB_RPC_ID("errCloseAlreadyCalled"), NoRetry,
                                                   "the runtime has been shut down"};
inline constexpr StandardError kFinishAlreadyCalled{NB_RPC_ID("errFinishAlreadyCalled"), NoRetry,
                                                    "finish has been called already"};
inline constexpr StandardError kNonRootedName{NB_RPC_ID("errNonRootedName"), NoRetry,
                                              "the name does not appear to contain an address"};
inline constexpr StandardError kInvalidEndpoint{NB_RPC_ID("errInvalidEndpoint"), NoRetry, "failed to parse endpoint"};
inline constexpr StandardError kRequestEncoding{NB_RPC_ID("errRequestEncoding"), NoRetry, "failed to encode request"};
inline constexpr StandardError kArgEncoding{NB_RPC_ID("errArgEncoding"), NoRetry, "failed to encode argument"};
inline constexpr StandardError kResponseDecoding{NB_RPC_ID("errResponseDecoding"), NoRetry,
                                                 "failed to decode response"};
inline constexpr StandardError kResultDecoding{NB_RPC_ID("errResultDecoding"), NoRetry, "failed to decode result"};
inline constexpr StandardError kRemainingStreamResults{NB_RPC_ID("errRemaingStreamResults"), NoRetry,
                                                       "stream results remain: receive them all before finishing"};
inline constexpr StandardError kMismatchedResults{NB_RPC_ID("errMismatchedResults"), NoRetry,
                                                  "wrong number of results"};
inline constexpr StandardError kTypeFlowFailure{NB_RPC_ID("errTypeFlowFailure"), NoRetry,
                                                "the type flow could not be opened"};
inline constexpr StandardError kPeerAuthorizedFailed{NB_RPC_ID("errPeerAuthorizedFailed"), NoRetry,
                                                     "failed to authorize peer"};
inline constexpr StandardError kMultiplePublicKeyOptions{NB_RPC_ID("errMultiplePublicKeyOptions"), NoRetry,
                                                         "the server cannot have two different keys"};
inline constexpr StandardError kBlessingGrant{NB_RPC_ID("errBlessingGrant"), NoRetry, "failed to grant blessings"};
inline constexpr StandardError kBlessingAdd{NB_RPC_ID("errBlessingAdd"), NoRetry, "failed to add granted blessings"};
inline constexpr StandardError kBadNumInputArgs{NB_RPC_ID("badNumInputArgs"), NoRetry, "wrong number of arguments"};
inline constexpr StandardError kBadInputArg{NB_RPC_ID("badInputArg"), NoRetry, "bad argument"};

inline constexpr StandardError kNoCompatibleServers{NB_RPC_ID("errNoComaptibleServers"), NoRetry,
                                                    "failed to find any compatible servers"};
// Of the namespace.
inline constexpr StandardError kNoServersToAsk{"v.io/x/ref/runtime/internal/naming/namespace.errNoServers", NoRetry,
                                               "no servers found to resolve query"};
// Of listing names.
inline constexpr StandardError kGlobMaxRecursionReached{"v.io/v23/rpc/reserved.GlobMaxRecursionReached", NoRetry,
                                                        "max recursion level reached"};
inline constexpr StandardError kGlobMatchesOmitted{"v.io/v23/rpc/reserved.GlobMatchesOmitted", NoRetry,
                                                   "some matches might have been omitted"};
inline constexpr StandardError kGlobNotImplemented{"v.io/v23/rpc/reserved.GlobNotImplemented", NoRetry,
                                                   "glob not implemented"};

// `outer` with the text of `cause`, and `cause` itself as a sub-error.
Error wrap(const StandardError& outer, const Error& cause);

// `error` with one more cause, named and shown in the message as " [name: text]".
Error with_printed_cause(const Error& error, std::string name, const Error& cause);
// With several, in time proportional to their number.
Error with_printed_causes(const Error& error, std::vector<SubError> causes);

}  // namespace nb::rpc

#undef NB_RPC_ID

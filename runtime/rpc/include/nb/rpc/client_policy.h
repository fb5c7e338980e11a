// ClientPolicy: where the clients of 2014 and 2015 behaved differently from today's (docs/spec/rpc.md 15). Today's way
// is the default and the one to use; the others are for programs that were written for those clients and count on them.
//
//   nb::CallOptions().policy(nb::ClientPolicy::of_2015())
//
// On the wire nothing differs: only when a client tries, how often, whom it passes over, and what it then says.
#pragma once

#include <chrono>
#include <cstdint>

#include <nb/rpc/era.h>

namespace nb {

struct ClientPolicy {
  ClientPolicy() {}

  // How long a call waits before it is tried again (rpc.md 4.11); n counts the retries from 0.
  enum class Delays : std::uint8_t {
    kDoubling,  // 100 to 199 ms, times 2^n
    kPowers,    // 1.5 to 2 seconds, to the power n + 1 (2014)
  };
  Delays delays = Delays::kDoubling;
  // However often it was tried. More than zero; otherwise the call ends in BadArg.
  std::chrono::nanoseconds longest_delay = std::chrono::minutes(1);
  // No retry begins with less than this left until the deadline for connecting; a longer delay is cut so that this much
  // is left. 1 ms in 2014 and 2015. Not negative; otherwise the call ends in BadArg.
  std::chrono::nanoseconds reserve = std::chrono::milliseconds(100);

  // How several servers of one name are tried (4.5).
  enum class Dialing : std::uint8_t {
    kAtOnce,    // all; the first that is there and trusted is called, the better one of those there at the same moment
    kOneByOne,  // in their order, the next when the one before it has failed (2014)
  };
  Dialing dialing = Dialing::kAtOnce;

  // What a call ends in when all servers failed for reasons of the network alone, refused connections for example:
  // false: NoServers; true: BadProtocol, which is still tried again like NoServers (2015).
  bool network_failures_are_bad_protocol = false;

  // Strict about what is shown and given to a server (4.6 rule 7, 4.7). Without it, a server for which the principal
  // has no blessings sees its key; an argument that a discharger wants to know and that cannot be told is left out; and
  // a granter that fails ends the call. With it (2014, 2015), each of these is a reason to pass the server over: the
  // next one that the name stands for is tried. When none is left the call ends in NotTrusted, with the reasons as
  // sub-errors (errNoBlessingsForPeer, errDischargeImpetus, errBlessingGrant).
  bool strict_blessings = false;
  // Of several granters only the one that was said last is asked (2014); one of the call goes before its client's.
  bool last_granter_only = false;

  // How a call tells that it failed once its request was sent.
  Era failures = Era::kCurrent;

  // The clients of those years, as far as this tells them apart.
  static ClientPolicy of_2014();
  static ClientPolicy of_2015();

  friend bool operator==(const ClientPolicy&, const ClientPolicy&) = default;
};

inline ClientPolicy ClientPolicy::of_2015() {
  ClientPolicy policy;
  policy.reserve = std::chrono::milliseconds(1);
  policy.network_failures_are_bad_protocol = true;
  policy.strict_blessings = true;
  policy.failures = Era::k2015;
  return policy;
}

inline ClientPolicy ClientPolicy::of_2014() {
  ClientPolicy policy;
  policy.delays = Delays::kPowers;
  policy.reserve = std::chrono::milliseconds(1);
  policy.dialing = Dialing::kOneByOne;
  policy.strict_blessings = true;
  policy.last_granter_only = true;
  policy.failures = Era::k2014;
  return policy;
}

}  // namespace nb

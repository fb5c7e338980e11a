// How a client of 2015 showed its blessings in each call, and how its server knew them again (docs/spec/rpc.md 5.4).
// Not used on the wire: peers of today learn blessings on a flow of their own. One of each for a connection; not for
// several threads at once.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/public_key.h>

#include "legacy/legacy.vdl.h"

namespace nb::rpc {

class LegacyClientBlessings {
 public:
  // What stands in the request: the key, and the blessings until the server has acknowledged them. Key 0 for none.
  // BadArg for blessings that have no place in that protocol, whose signatures were all ECDSA.
  Result<::legacy::BlessingsRequest> to_send(const Blessings& blessings);
  // An answer to a call with these had AckBlessings.
  void acknowledge(const Blessings& blessings);

 private:
  struct Entry {
    std::uint64_t key = 0;
    bool is_acknowledged = false;
  };
  std::map<Bytes, Entry> entries_;
  std::uint64_t last_key_ = 0;
};

class LegacyServerBlessings {
 public:
  // `peer`: the key that the connection's client has proved to have.
  explicit LegacyServerBlessings(PublicKey peer) : peer_(std::move(peer)) {}

  // The client's blessings for this call; zero for key 0. Whoever gets some sets AckBlessings in the answer. NoAccess:
  // they are not the peer's, and the call is refused. Any other error ends the connection.
  Result<Blessings> take(const ::legacy::BlessingsRequest& request);

 private:
  const PublicKey peer_;
  std::map<std::uint64_t, Blessings> known_;
};

}  // namespace nb::rpc

// Which of several servers to try, and which first (docs/spec/rpc.md 4.4).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>

#include "rpc/known_names.h"

namespace nb::rpc {

// An IP network: addresses are 16 bytes, those of IPv4 as IPv6 writes them (::ffff:a.b.c.d).
struct IpNetwork {
  IpNetwork(std::array<std::uint8_t, 16> address_, int bits_) : address(address_), bits(bits_) {}
  bool contains(const std::array<std::uint8_t, 16>& other) const;
  std::array<std::uint8_t, 16> address;
  int bits;  // that all its addresses begin with
};
// Those of this machine's interfaces, as they are now. Empty when that cannot be found out.
std::vector<IpNetwork> local_ip_networks();

struct Candidate {
  Candidate(std::string name_, std::shared_ptr<const KnownName> known_)
      : name(std::move(name_)), known(std::move(known_)) {}
  std::string name;  // of the object, with the server's address
  std::shared_ptr<const KnownName> known;
};

// By protocol, then the nearer first, then as they were. `preferred`: protocols, the best first; others will not do,
// unless "*" is among them. Empty: unixfd, wsh, tcp4, tcp, and then the others. Fails when nobody is left.
Result<std::vector<Candidate>> in_order(std::vector<Candidate> servers, const std::vector<std::string>& preferred,
                                        const std::vector<IpNetwork>& local_networks);

}  // namespace nb::rpc

#include "rpc/server_order.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "rpc/errors.h"

namespace nb::rpc {

namespace {

using IpAddress = std::array<std::uint8_t, 16>;

enum class Locality { kUnknown, kRemote, kLocal };

IpAddress mapped(const in_addr& v4) {
  IpAddress address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::memcpy(address.data() + 12, &v4, 4);
  return address;
}

// The host of "host:port", if it is an IP address.
std::optional<IpAddress> ip_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return mapped(v4);
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6) != 1) return std::nullopt;
  IpAddress bytes{};
  std::memcpy(bytes.data(), &v6, bytes.size());
  return bytes;
}

Locality locality_of(const std::string& address, const std::vector<IpNetwork>& networks) {
  if (networks.empty()) return Locality::kUnknown;
  const auto ip = ip_of(address);
  if (!ip) return Locality::kUnknown;
  const bool is_local = std::ranges::any_of(networks, [&](const IpNetwork& each) { return each.contains(*ip); });
  return is_local ? Locality::kLocal : Locality::kRemote;
}

// Higher is better; nothing: not wanted.
std::optional<int> rank_of(std::string_view protocol, const std::vector<std::string>& preferred) {
  const auto rank = [&](std::string_view which) -> std::optional<int> {
    const auto found = std::ranges::find(preferred, which);
    if (found == preferred.end()) return std::nullopt;
    return static_cast<int>(preferred.end() - found);
  };
  if (const auto own = rank(protocol)) return own;
  static constexpr std::array<std::string_view, 6> kVersioned = {"wsh4", "wsh6", "tcp4", "tcp6", "ws4", "ws6"};
  if (std::ranges::find(kVersioned, protocol) != kVersioned.end()) {
    if (const auto general = rank(protocol.substr(0, protocol.size() - 1))) return general;
  }
  if (const auto any = rank("*")) return any;
  if (protocol.empty()) return -1;
  return std::nullopt;
}

struct Ranked {
  Ranked(Candidate server_, int rank_, Locality locality_)
      : server(std::move(server_)), rank(rank_), locality(locality_) {}
  Candidate server;
  int rank;
  Locality locality;
};

}  // namespace

bool IpNetwork::contains(const IpAddress& other) const {
  for (int bit = 0; bit < bits; bit += 8) {
    const auto i = static_cast<std::size_t>(bit / 8);
    const int rest = std::min(8, bits - bit);
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    if ((address[i] & mask) != (other[i] & mask)) return false;
  }
  return true;
}

std::vector<IpNetwork> local_ip_networks() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  std::vector<IpNetwork> networks;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_netmask == nullptr) continue;
    if (each->ifa_addr->sa_family == AF_INET) {
      sockaddr_in address{};
      sockaddr_in mask{};
      std::memcpy(&address, each->ifa_addr, sizeof address);
      std::memcpy(&mask, each->ifa_netmask, sizeof mask);
      networks.emplace_back(mapped(address.sin_addr), 96 + std::popcount(mask.sin_addr.s_addr));
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 address{};
      sockaddr_in6 mask{};
      std::memcpy(&address, each->ifa_addr, sizeof address);
      std::memcpy(&mask, each->ifa_netmask, sizeof mask);
      IpAddress bytes{};
      std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
      int bits = 0;
      for (const std::uint8_t byte : mask.sin6_addr.s6_addr) bits += std::popcount(byte);
      networks.emplace_back(bytes, bits);
    }
  }
  ::freeifaddrs(list);
  return networks;
}

Result<std::vector<Candidate>> in_order(std::vector<Candidate> servers, const std::vector<std::string>& preferred,
                                        const std::vector<IpNetwork>& local_networks) {
  static const std::vector<std::string> kDefault = {"unixfd", "wsh", "tcp4", "tcp", "*"};
  const std::vector<std::string>& protocols = preferred.empty() ? kDefault : preferred;
  std::vector<Ranked> ranked;
  std::vector<SubError> rejected;
  for (Candidate& server : servers) {
    if (server.known->why_not) {
      rejected.push_back(SubError{"server=" + server.name, server.known->why_not});
      continue;
    }
    const naming::Endpoint& endpoint = server.known->endpoint;
    const auto rank = rank_of(endpoint.protocol, protocols);
    if (!rank) {
      rejected.push_back(
          SubError{"server=" + server.name, verror::Unknown("undesired protocol: " + endpoint.protocol)});
      continue;
    }
    const Locality locality = locality_of(endpoint.address, local_networks);
    ranked.emplace_back(std::move(server), *rank, locality);
  }
  if (ranked.empty()) return with_printed_causes(kNoCompatibleServers(), std::move(rejected));
  std::ranges::stable_sort(ranked, [](const Ranked& a, const Ranked& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.locality > b.locality;
  });
  std::vector<Candidate> ordered;
  for (Ranked& each : ranked) ordered.push_back(std::move(each.server));
  return ordered;
}

}  // namespace nb::rpc

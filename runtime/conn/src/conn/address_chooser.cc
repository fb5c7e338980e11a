#include "conn/address_chooser.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "transport/address.h"

namespace nb::conn {
namespace {

bool is_six(const std::string& host) { return host.find(':') != std::string::npos; }

// The address of one interface; empty if it is of no use in an endpoint.
std::string text_of(const ifaddrs& interface) {
  char text[INET6_ADDRSTRLEN] = {};
  if (interface.ifa_addr == nullptr) return {};
  if (interface.ifa_addr->sa_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(interface.ifa_addr);
    return ::inet_ntop(AF_INET, &four->sin_addr, text, sizeof text) == nullptr ? "" : text;
  }
  if (interface.ifa_addr->sa_family == AF_INET6) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(interface.ifa_addr);
    // They mean nothing without the name of the interface, which is another one at each machine.
    if (IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr)) return {};
    return ::inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text) == nullptr ? "" : text;
  }
  return {};
}

std::vector<std::string> up_interfaces(bool are_loopback) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
  std::vector<std::string> found;
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    if ((each->ifa_flags & IFF_UP) == 0 || ((each->ifa_flags & IFF_LOOPBACK) != 0) != are_loopback) continue;
    std::string text = text_of(*each);
    if (!text.empty() && std::find(found.begin(), found.end(), text) == found.end()) found.push_back(std::move(text));
  }
  std::stable_partition(found.begin(), found.end(), [](const std::string& host) { return !is_six(host); });
  return found;
}

}  // namespace

std::vector<std::string> interface_addresses() {
  auto found = up_interfaces(false);
  return found.empty() ? up_interfaces(true) : found;
}

bool is_unspecified(const std::string& address) {
  const auto where = transport::split_host_port(address);
  return where && (where->host == "0.0.0.0" || where->host == "::");
}

std::vector<std::string> addresses_to_dial(const std::string& protocol, const std::string& bound,
                                           const std::vector<std::string>& interfaces, const AddressChooser& chooser) {
  if (!is_unspecified(bound)) return {bound};
  const auto where = transport::split_host_port(bound);
  const bool only_four = where->host == "0.0.0.0";
  const bool only_six = protocol.ends_with('6');
  std::vector<std::string> candidates;
  for (const std::string& host : interfaces) {
    if (is_six(host) ? !only_four : !only_six) candidates.push_back(host);
  }
  if (chooser) candidates = chooser(protocol, candidates);
  std::vector<std::string> addresses;
  for (const std::string& chosen : candidates) {
    // With a port of its own, or a host.
    const bool has_port = transport::split_host_port(chosen).ok();
    addresses.push_back(has_port ? chosen : transport::join_host_port(chosen, where->port));
  }
  if (addresses.empty()) addresses.push_back(bound);
  return addresses;
}

}  // namespace nb::conn

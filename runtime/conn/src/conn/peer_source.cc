#include "conn/peer_source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "transport/address.h"

namespace nb::conn {

std::string peer_source(const std::string& remote_address) {
  const auto where = transport::split_host_port(remote_address);
  if (!where) return remote_address;
  in6_addr six{};
  if (::inet_pton(AF_INET6, where->host.c_str(), &six) != 1) return where->host;
  constexpr std::size_t kPrefix = 8;
  char text[INET6_ADDRSTRLEN] = {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {  // as a socket of both families has it
    if (::inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text) == nullptr) return where->host;
    return text;
  }
  for (std::size_t i = kPrefix; i < sizeof six.s6_addr; ++i) six.s6_addr[i] = 0;
  if (::inet_ntop(AF_INET6, &six, text, sizeof text) == nullptr) return where->host;
  return text + std::string("/64");
}

}  // namespace nb::conn

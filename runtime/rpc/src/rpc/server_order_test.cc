#include "rpc/server_order.h"

#include <doctest/doctest.h>

#include "naming/endpoint.h"
#include "rpc/errors.h"

namespace nb::rpc {
namespace {

std::string server(std::string protocol, std::string address) {
  naming::Endpoint endpoint;
  endpoint.protocol = std::move(protocol);
  endpoint.address = std::move(address);
  return "/" + naming::to_string(endpoint);
}

std::vector<std::string> order(const std::vector<std::string>& names, const std::vector<std::string>& preferred = {},
                               const std::vector<IpNetwork>& networks = {}) {
  KnownNames known;
  std::vector<Candidate> servers;
  for (const std::string& name : names) servers.emplace_back(name, known.find(name));
  const auto ordered = in_order(std::move(servers), preferred, networks);
  std::vector<std::string> result;
  if (!ordered) return {std::string(ordered.error().id()) + std::to_string(ordered.error().sub_errors().size())};
  for (const Candidate& each : *ordered) result.push_back(each.name);
  return result;
}

IpNetwork network(std::uint8_t a, std::uint8_t b, int bits) {
  return IpNetwork({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, 0, 1}, 96 + bits);
}

}  // namespace

TEST_CASE("[0-61] servers come in the order of their protocols, the preferred ones first and no others") {
  const auto tcp = server("tcp", "1.2.3.4:1");
  const auto tcp4 = server("tcp4", "1.2.3.4:2");
  const auto tcp6 = server("tcp6", "1.2.3.4:3");
  const auto wsh = server("wsh", "1.2.3.4:4");
  const auto local = server("local", "x");
  CHECK(order({local, tcp, tcp4, tcp6, wsh}) == std::vector{wsh, tcp4, tcp, tcp6, local});
  CHECK(order({tcp, wsh, local}, {"tcp", "wsh"}) == std::vector{tcp, wsh});
  CHECK(order({wsh, tcp6, local}, {"tcp", "*"}) == std::vector{tcp6, wsh, local});
  CHECK(order({"/h:1", tcp}, {"tcp"}) == std::vector<std::string>{tcp, "/h:1"});
  CHECK(order({wsh, local}, {"tcp"}) ==
        std::vector<std::string>{"v.io/x/ref/runtime/internal/rpc.errNoComaptibleServers2"});
  CHECK(order({"/@9@nothing@@", "relative/name", tcp}) == std::vector{tcp});
  CHECK(order({}) == std::vector<std::string>{"v.io/x/ref/runtime/internal/rpc.errNoComaptibleServers0"});
}

TEST_CASE("[0-4] of two servers with the same protocol the one in a network of ours comes first") {
  const auto near = server("tcp", "10.1.9.9:1");
  const auto far = server("tcp", "192.168.1.1:1");
  const auto named = server("tcp", "host:1");
  const auto v6 = server("tcp", "[fe80::1]:1");
  const std::vector<IpNetwork> networks{network(10, 1, 16)};
  CHECK(order({named, far, near}, {}, networks) == std::vector{near, far, named});
  CHECK(order({far, near}) == std::vector{far, near});
  CHECK(order({v6, near}, {}, networks) == std::vector{near, v6});
  // Protocols count more.
  CHECK(order({near, server("wsh", "192.168.1.1:1")}, {}, networks).back() == near);
}

TEST_CASE("the machine's own networks have the loopback among them") {
  bool found = false;
  for (const IpNetwork& each : local_ip_networks()) {
    found = found || each.contains({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1});
  }
  CHECK(found);
}

}  // namespace nb::rpc

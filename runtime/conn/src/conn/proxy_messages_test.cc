#include "conn/proxy_messages.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "flow/codec.h"
#include "flow/setup.h"

using namespace nb::conn;
using nb::Bytes;
using nb::naming::Endpoint;
using nb::naming::RoutingId;

namespace {

RoutingId id(std::uint8_t n) {
  RoutingId made;
  made.bytes.fill(n);
  return made;
}

Endpoint wanted(const std::vector<std::uint8_t>& routes) {
  Endpoint endpoint;
  endpoint.protocol = "tcp";
  endpoint.address = "127.0.0.1:1";
  endpoint.routing_id = id(9);
  for (const std::uint8_t n : routes) endpoint.routes.push_back(nb::naming::to_string(id(n)));
  return endpoint;
}

Bytes setup_for(const Endpoint& endpoint) {
  nb::flow::SetupInfo info;
  info.versions = {13, 14};
  info.key.emplace();
  info.key->fill(5);
  info.remote = endpoint;
  info.mtu = 65536;
  return nb::flow::encode(nb::flow::make_setup(info));
}

}  // namespace

TEST_CASE("requests to proxies are as everybody sends them; a proxy of ours says that it keeps Setups") {
  CHECK(proxy_request(Proxied::kServer) == Bytes{0x75});
  CHECK(proxy_request(Proxied::kProxy) == Bytes{0x76, 0x01});
  CHECK(read_proxy_request(Bytes{0x75})->who == Proxied::kServer);
  CHECK(!read_proxy_request(Bytes{0x76})->keeps_setups);
  CHECK(read_proxy_request(Bytes{0x76, 1})->keeps_setups);
  CHECK(!read_proxy_request(Bytes{0x76, 2})->keeps_setups);
  CHECK(!read_proxy_request(Bytes{}));
  CHECK(!read_proxy_request(Bytes{0x64}));
}

TEST_CASE("[12.5] the next hop is the route after the own one, else the first, else the server") {
  const auto hop = [](const std::vector<std::uint8_t>& routes) { return next_hop(wanted(routes), id(2)).value(); };
  CHECK(hop({}).id == id(9));
  CHECK(hop({}).routes_used == 0);
  CHECK(hop({3}).id == id(3));
  CHECK(hop({3}).routes_used == 1);
  CHECK(hop({2}).id == id(9));
  CHECK(hop({2}).routes_used == 0);
  CHECK(hop({2, 3}).id == id(3));
  CHECK(hop({1, 2, 3, 4}).id == id(3));
  CHECK(hop({1, 2, 3, 4}).routes_used == 3);
  CHECK(hop({3, 4}).id == id(3));
}

TEST_CASE("[15.2] routes that are circles, too long or no routing ids lead nowhere; nor do servers without one") {
  CHECK(!next_hop(wanted({3, 3}), id(2)));
  CHECK(!next_hop(wanted({2, 3, 2}), id(2)));
  std::vector<std::uint8_t> many;
  for (std::uint8_t n = 0; n < 33; ++n) many.push_back(n);
  CHECK(!next_hop(wanted(many), id(50)));
  Endpoint odd = wanted({});
  odd.routes = {"x"};
  CHECK(!next_hop(odd, id(2)));
  odd = wanted({});
  odd.routing_id = {};
  CHECK(!next_hop(odd, id(2)));
}

TEST_CASE("[12.3] who is wanted stands in the Setup; what is none, or does not say, is an error") {
  CHECK(wanted_in_setup(setup_for(wanted({3})))->routes.size() == 1);
  CHECK(!wanted_in_setup(setup_for(Endpoint{})));
  CHECK(!wanted_in_setup(Bytes{0x7e}));
  CHECK(!wanted_in_setup(Bytes{}));
  CHECK(!wanted_in_setup(Bytes{0x75}));
  Bytes long_one = setup_for(wanted({}));
  long_one.resize(70'000);
  CHECK(!wanted_in_setup(long_one));
  const Bytes whole = setup_for(wanted({3}));
  for (std::size_t n = 0; n < whole.size(); ++n) (void)wanted_in_setup(nb::BytesView(whole).first(n));
}

TEST_CASE("[12.5] for other proxies the used routes are taken out, and nothing else is changed") {
  const Bytes before = setup_for(wanted({1, 2, 3}));
  CHECK(without_routes(before, 2).value() == setup_for(wanted({3})));
  CHECK(without_routes(before, 7).value() == setup_for(wanted({})));
  CHECK(without_routes(before, 0).value() == before);
}

TEST_CASE("answers keep their endpoints, and refusals their reason without what moves a cursor") {
  const auto endpoints = read_proxy_answer(proxy_answer({wanted({1}), wanted({})}));
  REQUIRE(endpoints);
  CHECK(*endpoints == std::vector<Endpoint>{wanted({1}), wanted({})});
  CHECK(read_proxy_answer(proxy_answer({}))->empty());
  const auto refused = read_proxy_answer(proxy_refusal("not\x1b[2J you"));
  REQUIRE(!refused);
  CHECK(std::string(refused.error().message()).find("not?[2J you") != std::string::npos);
  const auto bad = read_proxy_answer(nb::flow::encode(nb::flow::ProxyResponse{{"@6@x\nniobium: error: y@a:1"}}));
  REQUIRE(!bad);
  CHECK(std::string(bad.error().message()).find("x?niobium: error: y") != std::string::npos);
}

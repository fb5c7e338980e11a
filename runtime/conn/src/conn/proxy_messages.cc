#include "conn/proxy_messages.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "flow/codec.h"
#include "flow/quoted.h"
#include "flow/setup.h"
#include "transport/errors.h"

namespace nb::conn {
namespace {

constexpr std::size_t kMostRoutes = 32;
constexpr std::size_t kLongestEndpoint = 4096;
constexpr std::size_t kLongestSetup = 64 * 1024;
constexpr std::uint8_t kKeepsSetups = 1;

std::uint64_t code_of(flow::SetupCode code) { return static_cast<std::uint64_t>(code); }

Result<flow::Setup> read_setup(BytesView payload) {
  if (payload.size() > kLongestSetup) return transport::bad_arg("a Setup message is longer than 65536 bytes");
  auto message = flow::decode(payload);
  if (!message) return message.error();
  auto* const setup = std::get_if<flow::Setup>(&*message);
  if (setup == nullptr) return transport::bad_arg("the first message of a route is no Setup");
  return std::move(*setup);
}

}  // namespace

Bytes proxy_request(Proxied who) {
  if (who == Proxied::kServer) return flow::encode(flow::ProxyServerRequest{});
  Bytes request = flow::encode(flow::MultiProxyRequest{});
  request.push_back(kKeepsSetups);
  return request;
}

Result<ProxyRequest> read_proxy_request(BytesView payload) {
  const std::uint8_t kind = payload.empty() ? 0 : payload.front();
  if (kind == kServerFlow) return ProxyRequest{};
  if (kind != kProxyFlow) return transport::bad_arg("no request to a proxy");
  return ProxyRequest{Proxied::kProxy, payload.size() > 1 && payload[1] == kKeepsSetups};
}

Bytes proxy_answer(const std::vector<naming::Endpoint>& endpoints) {
  flow::ProxyResponse answer;
  for (const auto& endpoint : endpoints) answer.endpoints.push_back(naming::to_string(endpoint));
  return flow::encode(answer);
}

Bytes proxy_refusal(std::string_view why) { return flow::encode(flow::ProxyErrorResponse{std::string(why)}); }

Result<std::vector<naming::Endpoint>> read_proxy_answer(BytesView payload) {
  const auto message = flow::decode(payload);
  if (!message) return transport::bad_arg("a bad answer of the proxy: " + flow::quoted(message.error().message()));
  if (const auto* const refusal = std::get_if<flow::ProxyErrorResponse>(&*message)) {
    return transport::bad_arg("the proxy refuses: " + flow::quoted(refusal->text));
  }
  const auto* const answer = std::get_if<flow::ProxyResponse>(&*message);
  if (answer == nullptr) return transport::bad_arg("a bad answer of the proxy: a message of another type");
  if (answer->endpoints.size() > kMostProxyEndpoints) {
    return transport::bad_arg("a bad answer of the proxy: more than 256 endpoints");
  }
  std::vector<naming::Endpoint> endpoints;
  for (const std::string& text : answer->endpoints) {
    if (text.size() > kLongestEndpoint) return transport::bad_arg("a bad answer of the proxy: a very long endpoint");
    auto endpoint = naming::parse_endpoint(text);
    if (!endpoint) return transport::bad_arg("a bad answer of the proxy: " + flow::quoted(endpoint.error().message()));
    endpoints.push_back(*std::move(endpoint));
  }
  return endpoints;
}

Result<naming::Endpoint> wanted_in_setup(BytesView payload) {
  const auto setup = read_setup(payload);
  if (!setup) return setup.error();
  auto info = flow::read_setup(*setup);
  if (!info) return info.error();
  if (!info->remote) return transport::bad_arg("a Setup message that does not say who is wanted");
  return *std::move(info->remote);
}

Result<NextHop> next_hop(const naming::Endpoint& wanted, const naming::RoutingId& own) {
  if (wanted.routing_id.is_null()) return transport::bad_arg("the routing id of the wanted server is missing");
  if (wanted.routes.size() > kMostRoutes) return transport::bad_arg("a route of more than 32 proxies");
  std::vector<naming::RoutingId> routes;
  std::set<naming::RoutingId> seen;
  for (const std::string& text : wanted.routes) {
    const auto id = naming::parse_routing_id(text);
    if (!id) return transport::bad_arg("a route that is no routing id");
    // Each proxy hands on to a later one, so that every route ends.
    if (!seen.insert(*id).second) return transport::bad_arg("a route that leads to a proxy twice");
    routes.push_back(*id);
  }
  const auto here = std::find(routes.begin(), routes.end(), own);
  const auto next = here == routes.end() ? routes.begin() : here + 1;
  if (next == routes.end()) return NextHop{wanted.routing_id, 0};
  return NextHop{*next, static_cast<std::size_t>(next - routes.begin()) + 1};
}

Result<Bytes> without_routes(BytesView payload, std::size_t routes_used) {
  auto setup = read_setup(payload);
  if (!setup) return setup.error();
  for (flow::SetupOption& option : setup->options) {
    if (option.code != code_of(flow::SetupCode::kRemoteEndpoint)) continue;
    auto wanted = naming::parse_endpoint(as_text(option.value));
    if (!wanted) return wanted.error();
    const std::size_t used = std::min(routes_used, wanted->routes.size());
    wanted->routes.erase(wanted->routes.begin(), wanted->routes.begin() + static_cast<std::ptrdiff_t>(used));
    const std::string text = naming::to_string(*wanted);
    option.value.assign(text.begin(), text.end());
  }
  return flow::encode(*setup);
}

}  // namespace nb::conn

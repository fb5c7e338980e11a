#include "naming/endpoint.h"

#include <algorithm>
#include <optional>

#include <nb/base/verror.h>

#include "naming/percent.h"

namespace nb::naming {
namespace {

constexpr auto kNone = std::string_view::npos;

Error bad_endpoint(std::string_view text, std::string_view why) {
  constexpr std::size_t kQuoted = 200;  // the text may come from a peer
  const bool cut = text.size() > kQuoted;
  return verror::BadArg("endpoint `" + std::string(text.substr(0, kQuoted)) + (cut ? "…`: " : "`: ") +
                        std::string(why));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == kNone) return parts;
    begin = end + 1;
  }
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) text += ',';
    text += part;
  }
  return text;
}

// One colon between host and port, or an IPv6 host in brackets; both parts may be empty.
bool is_host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == kNone) return false;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (host.find(']') != host.size() - 1) return false;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != kNone) {
    return false;
  }
  const std::string_view port = text.substr(colon + 1);
  return host.find_first_of("[]") == kNone && port.find_first_of("[]") == kNone;
}

struct ShortForm {
  std::string_view name;
  std::string_view host_and_port;
};

// "host:port" or "(name)@host:port"; whether the parts are sound is not looked at.
std::optional<ShortForm> split_short_form(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == kNone) return text.empty() ? std::nullopt : std::optional(ShortForm{{}, text});
  const std::string_view before = text.substr(0, at);
  if (at + 1 == text.size() || before.size() < 2 || !before.starts_with('(') || !before.ends_with(')')) {
    return std::nullopt;
  }
  const std::string_view name = before.substr(1, before.size() - 2);
  if (name.find('\n') != kNone) return std::nullopt;
  return ShortForm{name, text.substr(at + 1)};
}

Result<Endpoint> parse_short_form(std::string_view text, ShortForm parts) {
  Endpoint endpoint;
  endpoint.serves_mount_table = !parts.host_and_port.ends_with('#');
  if (!endpoint.serves_mount_table) parts.host_and_port.remove_suffix(1);
  if (!is_host_and_port(parts.host_and_port)) return bad_endpoint(text, "neither `@6@…` nor `host:port`");
  endpoint.address = parts.host_and_port;
  if (!parts.name.empty()) endpoint.blessing_names.emplace_back(parts.name);
  return endpoint;
}

// Takes the text up to the next "@" off the front; nothing when there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
  const std::size_t at = text.find('@');
  if (at == kNone) return std::nullopt;
  const std::string_view field = text.substr(0, at);
  text.remove_prefix(at + 1);
  return field;
}

Result<Endpoint> parse_version_6(std::string_view text) {
  std::string_view rest = text;
  if (rest.ends_with("@@")) rest.remove_suffix(2);
  if (rest.starts_with('@')) rest.remove_prefix(1);

  const auto version = take_field(rest);
  const auto protocol = take_field(rest);
  const auto address = take_field(rest);
  const auto routes = take_field(rest);
  const auto routing_id = take_field(rest);
  if (!routing_id) return bad_endpoint(text, "too few parts");
  if (*version != "6") return bad_endpoint(text, "its version is not 6");
  // The names and the "@" before them may be left out, so the flag may be the last part.
  const auto flag_field = take_field(rest);
  const std::string_view flag = flag_field ? *flag_field : rest;
  const std::string_view names = flag_field ? rest : std::string_view{};

  Endpoint endpoint;
  endpoint.protocol = *protocol;
  const auto plain_address = percent_unescape(*address);
  if (!plain_address) return bad_endpoint(text, "bad escape in the address");
  endpoint.address = plain_address->empty() ? ":0" : *plain_address;
  for (const std::string& route : split(*routes, ',')) {
    const auto plain = percent_unescape(route);
    if (!plain) return bad_endpoint(text, "bad escape in a route");
    endpoint.routes.push_back(*plain);
  }
  if (!routing_id->empty()) {
    const auto id = parse_routing_id(*routing_id);
    if (!id) return bad_endpoint(text, "the routing id is not 32 hex digits");
    endpoint.routing_id = *id;
  }
  if (flag.empty() || flag == "m") {
    endpoint.serves_mount_table = true;
  } else if (flag != "s" && flag != "l") {
    return bad_endpoint(text, "the mount table flag is none of `m`, `s`, `l`");
  }
  endpoint.blessing_names = split(names, ',');
  return endpoint;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  if (const auto parts = split_short_form(text)) return parse_short_form(text, *parts);
  return parse_version_6(text);
}

std::string to_string(const Endpoint& endpoint) {
  // Routes are hex digits and need no escapes. The reference leaves an "@" in one as it is, and so does this: a text
  // that escapes it is not canonical and would cost a connection (docs/spec/flow-protocol.md 1.4).
  std::vector<std::string> routes;
  for (const std::string& route : endpoint.routes) routes.push_back(percent_escape(route, ",%"));
  std::string text =
      "@6@" + endpoint.protocol + '@' + percent_escape(endpoint.address, "@%") + '@' + join(routes) + '@';
  text += to_string(endpoint.routing_id);
  text += endpoint.serves_mount_table ? "@m@" : "@s@";
  return text + join(endpoint.blessing_names) + "@@";
}

bool is_canonical_endpoint(std::string_view text) {
  const Result<Endpoint> endpoint = parse_endpoint(text);
  return endpoint && to_string(*endpoint) == text;
}

}  // namespace nb::naming

#include "flow/setup.h"

#include <algorithm>
#include <set>
#include <string>

#include "flow/errors.h"
#include "flow/varuint.h"

namespace nb::flow {
namespace {

constexpr std::size_t kMaxOptions = 32;
constexpr std::size_t kMaxSuites = 32;
constexpr std::size_t kMaxEndpointSize = 4096;
constexpr std::uint64_t kMinMtu = 1024;
constexpr std::uint64_t kMaxMtu = 16u << 20;

bool is_known(std::uint64_t code) {
  return (code >= static_cast<std::uint64_t>(SetupCode::kKey) &&
          code <= static_cast<std::uint64_t>(SetupCode::kSharedTokens)) ||
         code == static_cast<std::uint64_t>(SetupCode::kSuites);
}

Error bad_option(std::string_view what) { return kAborted("Setup message: " + std::string(what)); }

Result<std::uint64_t> read_integer(BytesView value) {
  const auto number = take_varuint(value);
  if (!number || !value.empty()) return bad_option("an integer option is not one integer");
  return *number;
}

Result<naming::Endpoint> read_endpoint(BytesView value) {
  if (value.size() > kMaxEndpointSize) return bad_option("an endpoint is longer than 4096 bytes");
  return naming::parse_endpoint(as_text(value));
}

Result<SetupKey> read_key(BytesView value) {
  SetupKey key{};
  if (value.size() != key.size()) return bad_option("the key has not 32 bytes");
  std::copy(value.begin(), value.end(), key.begin());
  if (key == SetupKey{}) return bad_option("the key is all zero");
  return key;
}

Result<std::uint64_t> read_mtu(BytesView value) {
  const Result<std::uint64_t> mtu = read_integer(value);
  if (mtu && (*mtu < kMinMtu || *mtu > kMaxMtu)) {
    return bad_option("the MTU is " + std::to_string(*mtu) + ", not between 1024 and 16777216");
  }
  return mtu;
}

Result<std::vector<std::uint64_t>> read_suites(BytesView value) {
  std::vector<std::uint64_t> suites;
  while (!value.empty()) {
    const auto suite = take_varuint(value);
    if (!suite) return bad_option("a suite's number is cut short");
    if (suites.size() == kMaxSuites) return bad_option("more than 32 suites");
    suites.push_back(*suite);
  }
  return suites;
}

// The dialer's first one that the acceptor has too and this end knows.
Suite choose_suite(const SetupInfo& dialer, const SetupInfo& acceptor) {
  for (const std::uint64_t suite : dialer.suites) {
    const bool both = std::find(acceptor.suites.begin(), acceptor.suites.end(), suite) != acceptor.suites.end();
    if (both && suite == kAes256GcmSuite) return Suite::kAes256Gcm1;
  }
  return Suite::kSecretbox;
}

// Keeps the value in its place or gives the error back.
template <class T, class Place>
Error keep(Result<T> value, Place& place) {
  if (!value) return value.error();
  place = *std::move(value);
  return {};
}

Error read_option(const SetupOption& option, SetupInfo& info) {
  switch (static_cast<SetupCode>(option.code)) {
    case SetupCode::kKey:
      return keep(read_key(option.value), info.key);
    case SetupCode::kRemoteEndpoint:
      return keep(read_endpoint(option.value), info.remote);
    case SetupCode::kLocalEndpoint:
      return keep(read_endpoint(option.value), info.local);
    case SetupCode::kMtu:
      return keep(read_mtu(option.value), info.mtu);
    case SetupCode::kSharedTokens:
      return keep(read_integer(option.value), info.shared_tokens);
    case SetupCode::kSuites:
      return keep(read_suites(option.value), info.suites);
  }
  return {};
}

}  // namespace

Setup make_setup(const SetupInfo& info) {
  Setup setup{info.versions.min, info.versions.max, {}};
  const auto add = [&setup](SetupCode code, Bytes value) {
    setup.options.push_back({static_cast<std::uint64_t>(code), std::move(value)});
  };
  const auto add_endpoint = [&](SetupCode code, const std::optional<naming::Endpoint>& endpoint) {
    if (!endpoint || endpoint->is_zero()) return;
    const std::string text = naming::to_string(*endpoint);
    add(code, Bytes(text.begin(), text.end()));
  };
  const auto add_integer = [&](SetupCode code, const std::optional<std::uint64_t>& number) {
    if (!number) return;
    Bytes value;
    append_varuint(value, *number);
    add(code, std::move(value));
  };
  if (info.key) add(SetupCode::kKey, Bytes(info.key->begin(), info.key->end()));
  add_endpoint(SetupCode::kRemoteEndpoint, info.remote);
  add_endpoint(SetupCode::kLocalEndpoint, info.local);
  add_integer(SetupCode::kMtu, info.mtu);
  add_integer(SetupCode::kSharedTokens, info.shared_tokens);
  if (!info.suites.empty()) {
    Bytes value;
    for (const std::uint64_t suite : info.suites) append_varuint(value, suite);
    add(SetupCode::kSuites, std::move(value));
  }
  return setup;
}

Result<SetupInfo> read_setup(const Setup& setup) {
  if (setup.options.size() > kMaxOptions) return bad_option("more than 32 options");
  SetupInfo info;
  info.versions = {setup.min_version, setup.max_version};
  std::set<std::uint64_t> seen;
  for (const SetupOption& option : setup.options) {
    if (!is_known(option.code)) continue;
    if (!seen.insert(option.code).second) return bad_option("option " + std::to_string(option.code) + " appears twice");
    if (Error error = read_option(option, info)) return error;
  }
  return info;
}

Result<Agreement> agree(const SetupInfo& own, const SetupInfo& peer, Role own_role) {
  const Result<Version> version = negotiate_version(own.versions, peer.versions);
  if (!version) return version.error();
  if (!peer.key) return bad_option("the peer offers no key: connections without authentication are refused");
  Agreement agreement;
  agreement.version = *version;
  agreement.mtu = std::min(own.mtu.value(), peer.mtu.value_or(own.mtu.value()));
  const std::uint64_t tokens = own.shared_tokens.value();
  const std::uint64_t peer_tokens = peer.shared_tokens.value_or(0);
  agreement.pool = peer_tokens == 0 ? tokens : std::min(tokens, peer_tokens);
  agreement.suite = own_role == Role::kDialer ? choose_suite(own, peer) : choose_suite(peer, own);
  return agreement;
}

}  // namespace nb::flow

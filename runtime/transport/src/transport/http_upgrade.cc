#include "transport/http_upgrade.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include <nb/base/bytes.h>
#include <nb/base/check.h>

#include "transport/errors.h"

namespace nb::transport {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kSha1Bytes = 20;

std::string base64(BytesView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

bool is_key(std::string_view text) {
  constexpr std::size_t kDigits = 22;  // 16 bytes, and two marks to fill up
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return text.size() == kDigits + 2 && text.ends_with("==") && std::all_of(text.begin(), text.end() - 2, is_digit);
}

// "http://host:port/path" gives "host:port"; a text without an authority ("null") gives nothing.
std::string_view host_of(std::string_view origin) {
  const auto slashes = origin.find("://");
  if (slashes == std::string_view::npos) return {};
  origin.remove_prefix(slashes + 3);
  origin = origin.substr(0, origin.find_first_of("/?#"));
  if (const auto user = origin.rfind('@'); user != std::string_view::npos) origin.remove_prefix(user + 1);
  return origin;
}

UpgradeAnswer refuse(std::string_view status, std::string_view extra_headers, const std::string& why) {
  const std::string body = why + "\n";
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n";
  text += extra_headers;
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return {std::move(text), network_error("refused a websocket: " + why)};
}

UpgradeAnswer bad_request(const std::string& why) { return refuse("400 Bad Request", "", why); }

}  // namespace

std::string make_websocket_key(const RandomSource& random) {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  random(bytes);
  return base64(bytes);
}

std::string websocket_accept(std::string_view key) {
  // The suffix is RFC 6455's; SHA-1 shows that the server speaks the protocol and protects nothing.
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, kSha1Bytes> digest{};
  const int done = EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  NB_CHECK(done == 1, "libcrypto has SHA-1");
  return base64(digest);
}

Result<std::string> upgrade_request(std::string_view host, std::string_view key) {
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_plain)) {
    return bad_arg("the address of a websocket has a character that cannot stand in a request");
  }
  std::string text = "GET / HTTP/1.1\r\nHost: " + std::string(host);
  text += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  text += key;
  return text + "\r\n\r\n";
}

Result<void> check_upgrade_answer(const HttpHead& answer, std::string_view key) {
  const std::string_view line = answer.start_line;
  const bool is_101 = line.starts_with("HTTP/1.1 101") && (line.size() == 12 || line[12] == ' ');
  if (!is_101) {
    return dial_failed("the server does not upgrade to a websocket, it says `" + std::string(line.substr(0, 100)) +
                       "`");
  }
  if (!answer.has_token("Upgrade", "websocket") || !answer.has_token("Connection", "upgrade")) {
    return dial_failed("the server upgrades to something that is no websocket");
  }
  const auto accepts = answer.all("Sec-WebSocket-Accept");
  if (accepts.size() != 1 || accepts[0] != websocket_accept(key)) {
    return dial_failed("the server's answer to the websocket key is wrong");
  }
  if (!answer.all("Sec-WebSocket-Extensions").empty() || !answer.all("Sec-WebSocket-Protocol").empty()) {
    return dial_failed("the server uses a websocket extension or subprotocol that was not offered");
  }
  return {};
}

UpgradeAnswer answer_upgrade(const HttpHead& request) {
  const std::string_view line = request.start_line;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1 || line.substr(last + 1) != "HTTP/1.1" ||
      line.find(' ', first + 1) != last) {
    return bad_request("not a request of HTTP/1.1");
  }
  if (line.substr(0, first) != "GET") return refuse("405 Method Not Allowed", "Allow: GET\r\n", "method not allowed");
  const auto hosts = request.all("Host");
  if (hosts.size() != 1) return bad_request("no Host, or more than one");
  if (!request.has_token("Connection", "upgrade") || !request.has_token("Upgrade", "websocket")) {
    return bad_request("not a websocket handshake");
  }
  if (!request.has_token("Sec-WebSocket-Version", "13")) {
    return refuse("400 Bad Request", "Sec-WebSocket-Version: 13\r\n", "not websocket version 13");
  }
  const auto lengths = request.all("Content-Length");
  const bool has_length = std::any_of(lengths.begin(), lengths.end(), [](auto length) { return length != "0"; });
  if (has_length || !request.all("Transfer-Encoding").empty()) return bad_request("a websocket handshake has no body");
  for (const std::string_view origin : request.all("Origin")) {
    if (!equal_ignoring_case(host_of(origin), hosts[0])) {
      return refuse("403 Forbidden", "", "pages of other origins are not served");
    }
  }
  const auto keys = request.all("Sec-WebSocket-Key");
  if (keys.size() != 1 || !is_key(keys[0])) return bad_request("the websocket key is not 16 bytes in base64");
  return {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
              websocket_accept(keys[0]) + "\r\n\r\n",
          Error()};
}

UpgradeAnswer answer_malformed(const Error& why) { return bad_request(std::string(why.message())); }

}  // namespace nb::transport

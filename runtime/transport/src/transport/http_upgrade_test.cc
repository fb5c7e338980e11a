#include "transport/http_upgrade.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "transport/errors.h"

using namespace nb::transport;

namespace {

HttpHead parse(const std::string& text) {
  HttpHeadReader reader;
  REQUIRE(reader.feed(nb::as_bytes(text)).value_or(0) == text.size());
  REQUIRE(reader.is_complete());
  return reader.head();
}

// The example of RFC 6455, 1.3.
constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr const char* kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string request(const std::string& first_line, const std::string& more) {
  return first_line + "\r\nHost: h:1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" + more + "\r\n";
}

const std::string kGet = "GET /any/path?x HTTP/1.1";
const std::string kSound = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + std::string(kKey) + "\r\n";

int status_of(const std::string& text) { return std::stoi(answer_upgrade(parse(text)).text.substr(9, 3)); }

}  // namespace

TEST_CASE("the key's answer is RFC 6455's") {
  CHECK(websocket_accept(kKey) == kAccept);
  std::uint8_t next = 0;
  const std::string key = make_websocket_key([&](std::span<std::uint8_t> bytes) {
    CHECK(bytes.size() == 16);
    for (auto& byte : bytes) byte = next++;
  });
  CHECK(key == "AAECAwQFBgcICQoLDA0ODw==");
}

TEST_CASE("a client's request is one that a server accepts, and its answer one that the client accepts") {
  const auto text = upgrade_request("h:1", kKey);
  REQUIRE(text);
  CHECK(*text ==
        "GET / HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const UpgradeAnswer answer = answer_upgrade(parse(*text));
  CHECK(!answer.refused);
  CHECK(answer.text ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  CHECK(check_upgrade_answer(parse(answer.text), kKey));
}

TEST_CASE("an address cannot smuggle headers into the request") {
  for (const char* host : {"", "h\r\nX: y", "h 1", "h\x7f"}) CHECK(upgrade_request(host, kKey).error().is(kBadArgId));
}

TEST_CASE("any path upgrades; other methods get 405, other requests 400") {
  CHECK(status_of(request(kGet, kSound)) == 101);
  for (const char* method : {"POST / HTTP/1.1", "HEAD / HTTP/1.1", "get / HTTP/1.1", "GETX / HTTP/1.1"}) {
    CAPTURE(method);
    const UpgradeAnswer answer = answer_upgrade(parse(request(method, kSound)));
    CHECK(answer.text.starts_with("HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n"));
    CHECK(answer.text.find("Allow: GET\r\n") != std::string::npos);
    CHECK(answer.refused.is(kNetworkId));
  }
  for (const char* line : {"GET / HTTP/1.0", "GET /", "GET  HTTP/1.1", "GET / x HTTP/1.1", "GET / HTTP/2"}) {
    CAPTURE(line);
    CHECK(status_of(request(line, kSound)) == 400);
  }
  const std::string plain = "GET / HTTP/1.1\r\nHost: h:1\r\n\r\n";
  CHECK(answer_upgrade(parse(plain)).text ==
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 26\r\n\r\nnot a websocket handshake\n");
  CHECK(status_of("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + kSound + "\r\n") == 400);
  CHECK(status_of(request(kGet, kSound + "Host: other\r\n")) == 400);
  CHECK(status_of(request(kGet, kSound + "Content-Length: 5\r\n")) == 400);
  CHECK(status_of(request(kGet, kSound + "Transfer-Encoding: chunked\r\n")) == 400);
  CHECK(status_of(request(kGet, kSound + "Content-Length: 0\r\n")) == 101);
}

TEST_CASE("a wrong version or key gets 400") {
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string key = "Sec-WebSocket-Key: " + std::string(kKey) + "\r\n";
  const auto other_version = answer_upgrade(parse(request(kGet, "Sec-WebSocket-Version: 8\r\n" + key)));
  CHECK(other_version.text.starts_with("HTTP/1.1 400 "));
  CHECK(other_version.text.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
  CHECK(status_of(request(kGet, key)) == 400);
  CHECK(status_of(request(kGet, version)) == 400);
  CHECK(status_of(request(kGet, version + key + key)) == 400);
  for (const char* bad : {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQAA",
                          "dGhlIHNhbXBsZSBub25!ZQ==", "dGhlIHNhbXBsZSBub25jZQAAAA=="}) {
    CAPTURE(bad);
    CHECK(status_of(request(kGet, version + "Sec-WebSocket-Key: " + bad + "\r\n")) == 400);
  }
}

TEST_CASE("pages of the same origin may connect, others get 403") {
  const auto with_origin = [](const std::string& origin) {
    return status_of(request(kGet, kSound + "Origin: " + origin + "\r\n"));
  };
  CHECK(with_origin("http://h:1") == 101);
  CHECK(with_origin("https://H:1") == 101);
  CHECK(with_origin("http://h:1/path") == 101);
  for (const char* origin : {"http://h", "http://h:2", "http://evil.example", "null", "", "h:1", "http://h:1@evil"}) {
    CAPTURE(origin);
    CHECK(with_origin(origin) == 403);
  }
}

TEST_CASE("a client takes no other answer than agreement to its own key") {
  const std::string accept = "Sec-WebSocket-Accept: " + std::string(kAccept) + "\r\n";
  const std::string sound = "Upgrade: WebSocket\r\nConnection: upgrade\r\n" + accept;
  const std::string ok = "HTTP/1.1 101 Switching Protocols\r\n";
  CHECK(check_upgrade_answer(parse(ok + sound + "\r\n"), kKey));
  for (const std::string& text :
       {"HTTP/1.1 200 OK\r\n" + sound, "HTTP/1.1 1012\r\n" + sound, ok + accept, ok + "Upgrade: websocket\r\n" + accept,
        ok + "Upgrade: h2c\r\nConnection: Upgrade\r\n" + accept, ok + "Upgrade: websocket\r\nConnection: Upgrade\r\n",
        ok + sound + accept, ok + sound + "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        ok + sound + "Sec-WebSocket-Protocol: chat\r\n"}) {
    CAPTURE(text);
    CHECK(check_upgrade_answer(parse(text + "\r\n"), kKey).error().is(kDialFailedId));
  }
  CHECK(!check_upgrade_answer(parse(ok + sound + "\r\n"), "AAECAwQFBgcICQoLDA0ODw=="));
}

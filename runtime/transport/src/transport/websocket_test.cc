#include "transport/websocket.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "transport/errors.h"

using namespace nb::transport;

namespace {

constexpr std::size_t kLimit = 1000;

RandomSource counting() {
  return [next = std::uint8_t{1}](std::span<std::uint8_t> bytes) mutable {
    for (auto& byte : bytes) byte = next++;
  };
}

nb::Bytes bytes(std::initializer_list<int> list) {
  nb::Bytes made;
  for (const int byte : list) made.push_back(static_cast<std::uint8_t>(byte));
  return made;
}

nb::Bytes joined(std::initializer_list<nb::Bytes> parts) {
  nb::Bytes all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

constexpr int kFin = 0x80;
constexpr int kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

// A frame as a client sends it, with the mask 1 2 3 4.
nb::Bytes masked(int first, const nb::Bytes& content) {
  nb::Bytes frame{static_cast<std::uint8_t>(first)};
  if (content.size() < 126) {
    frame.push_back(static_cast<std::uint8_t>(0x80 | content.size()));
  } else {
    frame.push_back(0x80 | 126);
    frame.push_back(static_cast<std::uint8_t>(content.size() >> 8));
    frame.push_back(static_cast<std::uint8_t>(content.size() & 0xff));
  }
  for (int i = 1; i <= 4; ++i) frame.push_back(static_cast<std::uint8_t>(i));
  for (std::size_t i = 0; i < content.size(); ++i) frame.push_back(static_cast<std::uint8_t>(content[i] ^ (i % 4 + 1)));
  return frame;
}

struct Heard {
  std::vector<nb::Bytes> messages;
  bool has_ended = false;
};

Heard hear(WebSocket& socket, nb::BytesView input, std::size_t step = 1 << 20) {
  Heard heard;
  while (!input.empty() && !heard.has_ended) {
    const nb::BytesView part = input.first(std::min(step, input.size()));
    input = input.subspan(part.size());
    socket.feed(part);
    std::span<std::uint8_t> message;
    WebSocket::Status status{};
    while ((status = socket.next(message)) == WebSocket::Status::kMessage) {
      heard.messages.emplace_back(message.begin(), message.end());
    }
    heard.has_ended = status == WebSocket::Status::kEnded;
  }
  return heard;
}

nb::Bytes taken(WebSocket& socket) {
  const nb::BytesView output = socket.output();
  nb::Bytes copy(output.begin(), output.end());
  socket.sent(copy.size());
  return copy;
}

// What a server says to a hostile client: the close code, and why.
struct End {
  int code = 0;
  std::string why;
};

End end_of(const nb::Bytes& input) {
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  const Heard heard = hear(server, input, 1);
  REQUIRE(heard.has_ended);
  CHECK(heard.messages.empty());
  CHECK(server.is_close_sent());
  const nb::Bytes said = taken(server);
  REQUIRE(said.size() == 4);
  CHECK(said[0] == (kFin | kClose));
  // Nothing more is heard or said.
  CHECK(hear(server, masked(kFin | kBinary, {1})).has_ended);
  const nb::BytesView late = nb::as_bytes("late");
  server.send({&late, 1});
  server.close();
  CHECK(server.output().empty());
  return {said[2] << 8 | said[3], std::string(server.why_ended().message())};
}

}  // namespace

TEST_CASE("a server's message is one unmasked binary frame, a client's is masked with keys from the random source") {
  const std::vector<nb::BytesView> slices = {nb::as_bytes("ab"), nb::as_bytes(""), nb::as_bytes("cde")};
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  server.send(slices);
  CHECK(taken(server) == bytes({0x82, 5, 'a', 'b', 'c', 'd', 'e'}));
  WebSocket client(WebSocket::Role::kClient, counting(), kLimit);
  client.send(slices);
  CHECK(taken(client) == bytes({0x82, 0x85, 1, 2, 3, 4, 'a' ^ 1, 'b' ^ 2, 'c' ^ 3, 'd' ^ 4, 'e' ^ 1}));
  client.send({});
  CHECK(taken(client) == bytes({0x82, 0x80, 5, 6, 7, 8}));
  // Enough frames to need more random bytes than are drawn at once.
  for (int i = 0; i < 300; ++i) {
    client.send({});
    CHECK(taken(client)[2] == static_cast<std::uint8_t>(9 + 4 * i));
  }
}

TEST_CASE("messages of every kind of length go both ways, however they are cut") {
  std::mt19937 random(5);
  for (const std::size_t size : {0, 1, 125, 126, 127, 65535, 65536, 200000}) {
    CAPTURE(size);
    nb::Bytes content(size);
    for (auto& byte : content) byte = static_cast<std::uint8_t>(random());
    for (const bool to_server : {true, false}) {
      WebSocket server(WebSocket::Role::kServer, counting(), size);
      WebSocket client(WebSocket::Role::kClient, counting(), size);
      WebSocket& from = to_server ? client : server;
      WebSocket& to = to_server ? server : client;
      const std::vector<nb::BytesView> slices = {nb::BytesView(content).first(size / 3),
                                                 nb::BytesView(content).subspan(size / 3)};
      from.send(slices);
      from.send({});
      const nb::Bytes sent = taken(from);
      for (const std::size_t step : {std::size_t{1} << 20, std::size_t{4097}, std::size_t{1}}) {
        if (step == 1 && size > 1000) continue;
        const Heard heard = hear(to, sent, step);
        REQUIRE(heard.messages.size() == 2);
        CHECK(heard.messages[0] == content);
        CHECK(heard.messages[1].empty());
      }
      CHECK(to.output().empty());
    }
  }
}

TEST_CASE("fragments are put together, with control frames between them") {
  const nb::Bytes input =
      joined({masked(kBinary, {1, 2}), masked(kFin | kPing, {7}), masked(0, {}), masked(kFin | kPong, {}),
              masked(0, {3}), masked(kFin, {4}), masked(kFin | kBinary, {5})});
  for (const std::size_t step : {1, 3, 1000}) {
    WebSocket server(WebSocket::Role::kServer, counting(), 4);
    const Heard heard = hear(server, input, step);
    CHECK(heard.messages == std::vector<nb::Bytes>{{1, 2, 3, 4}, {5}});
    CHECK(taken(server) == bytes({kFin | kPong, 1, 7}));
  }
}

TEST_CASE("a message above the limit is refused at its header, also in fragments") {
  const auto whole = [](std::initializer_list<int> length) {
    return joined({bytes({kFin | kBinary}), bytes(length), bytes({1, 2, 3, 4, 0})});
  };
  CHECK(end_of(whole({0x80 | 126, 1001 >> 8, 1001 & 0xff})).code == 1009);
  CHECK(end_of(whole({0x80 | 127, 0, 0, 0, 0, 1, 0, 0, 0})).code == 1009);
  CHECK(end_of(whole({0x80 | 127, 0x7f, 255, 255, 255, 255, 255, 255, 255})).code == 1009);
  const End end = end_of(joined({masked(kBinary, nb::Bytes(600)), masked(kFin, nb::Bytes(401))}));
  CHECK(end.code == 1009);
  CHECK(end.why == "the peer breaks the websocket protocol: a message that is too long");
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  CHECK(hear(server, joined({masked(kBinary, nb::Bytes(600)), masked(kFin, nb::Bytes(400))})).messages.size() == 1);
  server.limit_messages(10);
  CHECK(hear(server, masked(kFin | kBinary, nb::Bytes(10))).messages.size() == 1);
  CHECK(hear(server, masked(kFin | kBinary, nb::Bytes(11))).has_ended);
}

TEST_CASE("[F-31] what breaks the websocket protocol ends it with the code that the RFC has") {
  struct Row {
    nb::Bytes input;
    int code;
    const char* why;
  };
  const Row rows[] = {
      {masked(kFin | kText, bytes({'h', 'i'})), 1003, "a text message"},
      {masked(kText, bytes({'h', 'i'})), 1003, "a text message"},
      {bytes({kFin | kBinary, 1, 9}), 1002, "a client's frame that is not masked"},
      {bytes({kFin | kPing, 0}), 1002, "a client's frame that is not masked"},
      {masked(kFin | 0x40 | kBinary, {1}), 1002, "a frame with reserved bits"},
      {masked(kFin | 0x20 | kBinary, {1}), 1002, "a frame with reserved bits"},
      {masked(kFin | 0x10 | kPing, {}), 1002, "a frame with reserved bits"},
      {masked(kFin | 3, {1}), 1002, "a frame with a reserved opcode"},
      {masked(kFin | 11, {1}), 1002, "a frame with a reserved opcode"},
      {masked(kFin | kPing, nb::Bytes(126)), 1002, "a malformed frame"},
      {masked(kPing, {1}), 1002, "a malformed frame"},
      {masked(kClose, {}), 1002, "a malformed frame"},
      {masked(kFin, {1}), 1002, "a continuation of nothing"},
      {joined({masked(kBinary, {1}), masked(kFin | kBinary, {2})}), 1002, "a new message inside a fragmented one"},
      // Lengths that are longer than they need be, or have the highest bit.
      {bytes({kFin | kBinary, 0x80 | 126, 0, 5, 1, 2, 3, 4, 0}), 1002, "a malformed frame"},
      {bytes({kFin | kBinary, 0x80 | 127, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3, 4, 0}), 1002, "a malformed frame"},
      {bytes({kFin | kBinary, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0}), 1002, "a malformed frame"},
      {masked(kFin | kClose, {3}), 1002, "a close frame without a sound code"},
      {masked(kFin | kClose, bytes({1005 >> 8, 1005 & 0xff})), 1002, "a close frame without a sound code"},
      {masked(kFin | kClose, {0, 1}), 1002, "a close frame without a sound code"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const End end = end_of(row.input);
    CHECK(end.code == row.code);
    CHECK(end.why == std::string("the peer breaks the websocket protocol: ") + row.why);
  }
}

TEST_CASE("a client takes no masked frames") {
  WebSocket client(WebSocket::Role::kClient, counting(), kLimit);
  CHECK(hear(client, masked(kFin | kBinary, {1})).has_ended);
  CHECK(client.why_ended().message() == "the peer breaks the websocket protocol: a server's masked frame");
}

TEST_CASE("closing says going away and EOF, and is answered") {
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  WebSocket client(WebSocket::Role::kClient, counting(), kLimit);
  server.close();
  const nb::Bytes said = taken(server);
  CHECK(said == bytes({0x88, 5, 0x03, 0xe9, 'E', 'O', 'F'}));
  CHECK(hear(client, said).has_ended);
  CHECK(!client.why_ended());
  CHECK(client.is_close_sent());
  CHECK(hear(server, taken(client)).has_ended);
  CHECK(!server.why_ended());
  CHECK(server.output().empty());
}

TEST_CASE("after our close the peer's messages can still be read, and pings are not answered") {
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  server.close();
  (void)taken(server);
  const Heard heard =
      hear(server, joined({masked(kFin | kPing, {}), masked(kFin | kBinary, {1}), masked(kFin | kClose, {})}));
  CHECK(heard.messages == std::vector<nb::Bytes>{{1}});
  CHECK(heard.has_ended);
  CHECK(!server.why_ended());
  CHECK(server.output().empty());
}

TEST_CASE("a close for another reason is an error with the peer's words") {
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  CHECK(hear(server, masked(kFin | kClose, bytes({1011 >> 8, 1011 & 0xff, 'a', '\n', 0xff}))).has_ended);
  CHECK(server.why_ended().is(kNetworkId));
  CHECK(server.why_ended().message() == "the peer closed the websocket with code 1011: `a??`");
}

TEST_CASE("[F-31] a flood of pings costs bounded memory and ends the websocket when its answers are not read") {
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  const nb::Bytes ping = masked(kFin | kPing, nb::Bytes(125));
  std::size_t count = 0;
  while (!hear(server, ping).has_ended) {
    ++count;
    REQUIRE(count < 10000);
    CHECK(server.output().size() < 300 * 1024);
  }
  CHECK(count > 1000);
  CHECK(server.why_ended().message() ==
        "the peer breaks the websocket protocol: more pings than it reads the answers to");
  // A peer that reads them may go on.
  WebSocket patient(WebSocket::Role::kServer, counting(), kLimit);
  for (int i = 0; i < 5000; ++i) {
    REQUIRE(!hear(patient, ping).has_ended);
    CHECK(taken(patient).size() == 127);
  }
}

TEST_CASE("output that leaves in pieces keeps its order") {
  WebSocket server(WebSocket::Role::kServer, counting(), kLimit);
  nb::Bytes all;
  nb::Bytes expected;
  for (int i = 0; i < 500; ++i) {
    const nb::Bytes content(static_cast<std::size_t>(i % 90), static_cast<std::uint8_t>(i));
    const nb::BytesView slice = content;
    server.send({&slice, 1});
    expected.push_back(0x82);
    expected.push_back(static_cast<std::uint8_t>(content.size()));
    expected.insert(expected.end(), content.begin(), content.end());
    const std::size_t n = std::min(server.output().size(), static_cast<std::size_t>(i % 80));
    all.insert(all.end(), server.output().begin(), server.output().begin() + static_cast<std::ptrdiff_t>(n));
    server.sent(n);
  }
  const nb::Bytes rest = taken(server);
  all.insert(all.end(), rest.begin(), rest.end());
  CHECK(all == expected);
}

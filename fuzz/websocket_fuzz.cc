// What a stranger says on an open websocket. The first byte of the input chooses which end we are and how the rest, the
// stranger's bytes, is cut. Messages and memory stay within their limits, and what we say back another end can read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <nb/base/bytes.h>
#include <nb/base/check.h>

#include "transport/websocket.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nb::transport::WebSocket;
  if (size == 0) return 0;
  constexpr std::size_t kLimit = 1000;
  const auto random = [](std::span<std::uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{0x5a}); };
  const bool is_server = (data[0] & 1) != 0;
  const std::size_t step = 1 + (data[0] >> 1) * std::size_t{3};
  WebSocket end(is_server ? WebSocket::Role::kServer : WebSocket::Role::kClient, random, kLimit);
  WebSocket other(is_server ? WebSocket::Role::kClient : WebSocket::Role::kServer, random, kLimit);

  nb::BytesView input(data + 1, size - 1);
  auto status = WebSocket::Status::kNeedMore;
  while (!input.empty() && status != WebSocket::Status::kEnded) {
    const nb::BytesView part = input.first(std::min(step, input.size()));
    input = input.subspan(part.size());
    end.feed(part);
    std::span<std::uint8_t> message;
    while ((status = end.next(message)) == WebSocket::Status::kMessage) {
      NB_CHECK(message.size() <= kLimit, "a message is within the limit");
      const nb::BytesView echo = message;
      end.send({&echo, 1});
    }
    const nb::BytesView output = end.output();
    other.feed(output);
    std::span<std::uint8_t> heard;
    auto heard_status = WebSocket::Status::kMessage;
    while (heard_status == WebSocket::Status::kMessage) heard_status = other.next(heard);
    end.sent(output.size());
    NB_CHECK(heard_status != WebSocket::Status::kEnded || end.is_close_sent(), "what we say can be read");
  }
  NB_CHECK((status == WebSocket::Status::kEnded) <= end.is_close_sent(), "the end is said");
  return 0;
}

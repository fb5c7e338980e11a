// The upgrade from HTTP to a websocket (RFC 6455 section 4; docs/spec/flow-protocol.md 2.3), without I/O: what each end
// says, and whether what the other says will do.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nb/base/error.h>
#include <nb/base/result.h>

#include "transport/http_head.h"
#include "transport/random_source.h"

namespace nb::transport {

// A fresh key for the header Sec-WebSocket-Key: 16 random bytes in base64.
std::string make_websocket_key(const RandomSource& random);
// What a server that understood the key says in Sec-WebSocket-Accept.
std::string websocket_accept(std::string_view key);

// The client's request to "host:port". A BadArg error when the host cannot stand in a header.
Result<std::string> upgrade_request(std::string_view host, std::string_view key);
// Whether the server agreed. A DialFailed error says what it said in place of that.
Result<void> check_upgrade_answer(const HttpHead& answer, std::string_view key);

struct UpgradeAnswer {
  std::string text;  // to be sent
  Error refused;     // no error: from here on the connection is a websocket
};

// The server's answer: 101 and agreement; 405 to other methods than GET, 403 to a page of another origin (requests
// without Origin come from no browser and are fine), 400 to everything else. The path does not matter.
UpgradeAnswer answer_upgrade(const HttpHead& request);
// The answer to what is no request at all.
UpgradeAnswer answer_malformed(const Error& why);

}  // namespace nb::transport

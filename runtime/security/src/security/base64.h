// Base 64 with padding (RFC 4648), in the common alphabet and in the one for URLs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nb/base/bytes.h>

namespace nb::security {

std::string to_base64(BytesView bytes);
std::string to_base64url(BytesView bytes);
// None unless it is the one spelling of some bytes: whole groups, padded, no spaces, unused bits zero.
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace nb::security

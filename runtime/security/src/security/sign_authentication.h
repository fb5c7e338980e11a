// What connections sign, and nobody else: messages by which an end proves that it has a key, purpose S1. Such a message
// begins with a tag for the role, and no other message that a principal signs with S1 does.
#pragma once

#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/principal.h>

namespace nb::security {

inline constexpr std::string_view kDialerTag("AuthDial\0", 9);
inline constexpr std::string_view kAcceptorTag("AuthAcpt\0", 9);

// Principal::sign() without its refusal of these tags. `message` begins with one of them.
Result<v23::security::Signature> sign_authentication(const Principal& principal, BytesView message);

}  // namespace nb::security

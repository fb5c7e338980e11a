// Ed25519 public keys that are refused although they have the right size.
#pragma once

#include <nb/base/bytes.h>

namespace nb::security {

// Whether 32 bytes stand for a point of small order, for which signatures can be made without any private key, or
// spell the Y coordinate in other than the shortest way, so that one key would have two forms.
bool is_weak_point(BytesView point);

}  // namespace nb::security

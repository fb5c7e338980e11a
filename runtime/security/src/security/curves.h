// The elliptic curves of ECDSA keys, with what is computed once for each.
#pragma once

#include <cstddef>

#include <nb/base/bytes.h>
#include <nb/security/public_key.h>

#include "security/hash.h"
#include "security/openssl.h"

namespace nb::security {

struct Curve {
  KeyAlgorithm algorithm;
  const char* name;  // as OpenSSL spells it
  std::size_t bits;
  std::size_t field_size;  // bytes of a coordinate, and of R and S at most
  HashAlgorithm hash;
  Bytes prefix;  // canonical DER up to the X coordinate: with the 04 of an uncompressed point
  Bytes order;   // big endian, field_size bytes
  GroupPtr group;
  PkeyPtr template_key;  // without a point: copying it is much faster than naming the curve
};

// Null when `algorithm` is not ECDSA. Lives for ever.
const Curve* curve_of(KeyAlgorithm algorithm);
// The curve with OpenSSL's name `name`, or null.
const Curve* curve_named(std::string_view name);

}  // namespace nb::security

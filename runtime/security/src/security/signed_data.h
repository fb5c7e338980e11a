// The signature that lies beside a data file (docs/spec/security.md 12.5). Bytes only, no files.
//
//   header:     chunk size
//   for each chunk of the data: its SHA-256
//   signature:  S1, by the owner of the folder, over SHA-256( chunk size, 8 bytes little endian ‖ all hashes )
#pragma once

#include <cstddef>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/private_key.h>
#include <nb/security/public_key.h>

namespace nb::security {

inline constexpr std::int64_t kChunkBytes = 1 << 20;
inline constexpr std::size_t kMaxSignatureFileBytes = 1 << 20;

// The content of the signature file for `data`.
Result<Bytes> sign_data(const PrivateKey& key, BytesView data, std::int64_t chunk_bytes = kChunkBytes);

// Fails (BadArg) unless `signature` is one of `key` for all of `data`, and nothing else ([A-50]). Go takes a file whose
// last record, the signature itself, was cut off; we do not.
Result<void> check_signed_data(const PublicKey& key, BytesView data, BytesView signature);

}  // namespace nb::security

// PEM: blocks of bytes in base 64 between "-----BEGIN …-----" and "-----END …-----".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>

namespace nb::security {

// What stood between the two lines. Wiped on destruction, since it may be a private key.
struct PemBlock {
  std::string type;    // "PUBLIC KEY"
  std::string header;  // "Proc-Type: …" and so on, lines; mostly empty
  Bytes content;

  PemBlock() = default;
  PemBlock(PemBlock&&) = default;
  PemBlock& operator=(PemBlock&&) = delete;
  ~PemBlock();
};

// All whole blocks of `text`, in order. BadArg for more than 64 KiB or 16 blocks; a block that is broken or cut off
// ends the list, as it does for OpenSSL.
Result<std::vector<PemBlock>> read_pem(std::string_view text);

// One block with lines of 64 characters, without a header.
std::string write_pem(std::string_view type, BytesView content);

}  // namespace nb::security

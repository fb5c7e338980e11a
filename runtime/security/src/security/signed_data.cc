#include "security/signed_data.h"

#include <algorithm>
#include <array>

#include <nb/base/verror.h>
#include <nb/vom/decoder.h>
#include <nb/vom/encoder.h>

#include "security/hash.h"
#include "v.io/x/ref/lib/security/serialization/serialization.vdl.h"

namespace nb::security {
namespace {

using x::ref::lib::security::serialization::HashCode;
using x::ref::lib::security::serialization::SignedData;
using x::ref::lib::security::serialization::SignedHeader;

void add_header(Hasher& hasher, std::int64_t chunk_bytes) {
  std::array<std::uint8_t, 8> little_endian;
  for (std::size_t i = 0; i < little_endian.size(); ++i) {
    little_endian[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(chunk_bytes) >> (8 * i));
  }
  hasher.add(little_endian);
}

// Takes one chunk off the front of `data`.
BytesView take_chunk(BytesView& data, std::int64_t chunk_bytes) {
  const auto size = std::min<std::uint64_t>(data.size(), static_cast<std::uint64_t>(chunk_bytes));
  const auto chunk = data.first(size);
  data = data.subspan(size);
  return chunk;
}

HashCode hash_of(BytesView chunk) {
  const auto digest = hash(HashAlgorithm::kSha256, {chunk});
  HashCode code;
  std::copy(digest.begin(), digest.end(), code.begin());
  return code;
}

Error malformed(std::string_view what) { return verror::BadArg("signature file: " + std::string(what)); }

vom::Limits limits() {
  vom::Limits small;
  small.max_message_bytes = kMaxSignatureFileBytes;
  small.max_decoded_bytes = kMaxSignatureFileBytes;
  small.max_types = 64;
  return small;
}

}  // namespace

Result<Bytes> sign_data(const PrivateKey& key, BytesView data, std::int64_t chunk_bytes) {
  Hasher hasher(HashAlgorithm::kSha256);
  vom::Encoder encoder;
  add_header(hasher, chunk_bytes);
  auto done = encoder.encode(SignedHeader(chunk_bytes));
  while (done && !data.empty()) {
    const auto code = hash_of(take_chunk(data, chunk_bytes));
    hasher.add(code);
    done = encoder.encode(SignedData(SignedData::Hash(code)));
  }
  if (!done) return done.error();
  auto signature = key.sign(v23::security::SignatureForMessageSigning, hasher.finish());
  if (!signature) return signature.error();
  done = encoder.encode(SignedData(SignedData::Signature(*std::move(signature))));
  if (!done) return done.error();
  return encoder.take();
}

Result<void> check_signed_data(const PublicKey& key, BytesView data, BytesView signature) {
  if (signature.size() > kMaxSignatureFileBytes) return malformed("too large");
  vom::Decoder decoder(limits());
  decoder.feed(signature);
  decoder.finish();
  const auto header = decoder.next<SignedHeader>();
  if (!header) return malformed(header.error().message());
  if (header->ChunkSizeBytes <= 0) return malformed("the size of chunks is not positive");

  Hasher hasher(HashAlgorithm::kSha256);
  add_header(hasher, header->ChunkSizeBytes);
  for (;;) {
    const auto record = decoder.next<SignedData>();
    if (!record) return malformed("there is no signature at its end: " + std::string(record.error().message()));
    if (const auto* hash = record->get_if<SignedData::Hash>()) {
      if (data.empty()) return malformed("it covers more than the data");
      if (hash->value != hash_of(take_chunk(data, header->ChunkSizeBytes))) {
        return verror::BadArg("the data was changed after it was signed");
      }
      hasher.add(hash->value);
      continue;
    }
    if (!data.empty()) return verror::BadArg("the data goes on behind what was signed");
    if (decoder.step().kind != vom::Step::kEnd) return malformed("something follows the signature");
    const auto& found = record->get_if<SignedData::Signature>()->value;
    auto good = key.verify(found, v23::security::SignatureForMessageSigning, hasher.finish());
    if (!good) return malformed("not signed by the owner of the folder: " + std::string(good.error().message()));
    return {};
  }
}

}  // namespace nb::security

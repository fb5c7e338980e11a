#include "security/signed_data.h"

#include <doctest/doctest.h>

#include <vector>

#include <nb/vom/vom.h>

#include "security/hash.h"
#include "security/testing/principals.h"
#include "v.io/x/ref/lib/security/serialization/serialization.vdl.h"

namespace nb::security {
namespace {

using testing::key_of;
using x::ref::lib::security::serialization::SignedData;
using x::ref::lib::security::serialization::SignedHeader;

const PrivateKey& owner() {
  static const PrivateKey key = key_of(0x44, KeyAlgorithm::kEd25519);
  return key;
}
bool good(BytesView data, BytesView signature) { return check_signed_data(owner().public_key(), data, signature).ok(); }

// The records of a signature file, to be put together in another way.
struct Records {
  explicit Records(BytesView file) {
    vom::Decoder decoder;
    decoder.feed(file);
    decoder.finish();
    header = decoder.next<SignedHeader>().value();
    while (auto record = decoder.next<SignedData>()) data.push_back(*record);
  }
  Bytes file() const {
    vom::Encoder encoder;
    encoder.encode(header).value();
    for (const auto& record : data) encoder.encode(record).value();
    return encoder.take();
  }
  SignedHeader header;
  std::vector<SignedData> data;
};

TEST_CASE("data of any number of chunks is signed and checked") {
  for (const std::size_t size : {0, 1, 9, 10, 11, 20, 25}) {
    CAPTURE(size);
    const Bytes data(size, 7);
    const auto signature = sign_data(owner(), data, 10).value();
    CHECK(Records(signature).data.size() == (size + 9) / 10 + 1);
    CHECK(good(data, signature));
    CHECK(good(data, Records(signature).file()));
  }
}

TEST_CASE("the owner's kind of key does not matter") {
  for (const auto type : {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kRsa2048}) {
    const auto key = PrivateKey::make(type).value();
    CHECK(check_signed_data(key.public_key(), as_bytes("data"), sign_data(key, as_bytes("data")).value()));
  }
}

TEST_CASE("[A-50] data that was changed, cut off or made longer is refused") {
  const Bytes data(25, 7);
  const auto signature = sign_data(owner(), data, 10).value();
  for (std::size_t i = 0; i < data.size(); ++i) {
    auto changed = data;
    changed[i] ^= 1;
    CHECK_FALSE(good(changed, signature));
    CHECK_FALSE(good(BytesView(data).first(i), signature));
  }
  for (std::size_t more = 1; more < 30; ++more) CHECK_FALSE(good(Bytes(25 + more, 7), signature));
  // Also where the last chunk is full.
  const auto of_full_chunks = sign_data(owner(), Bytes(20, 7), 10).value();
  CHECK(good(Bytes(20, 7), of_full_chunks));
  for (const std::size_t size : {21, 25, 30}) CHECK_FALSE(good(Bytes(size, 7), of_full_chunks));
}

TEST_CASE("[A-50] a signature whose record was cut off is refused") {
  const Bytes data(25, 7);
  Records records(sign_data(owner(), data, 10).value());
  records.data.pop_back();
  CHECK_FALSE(good(data, records.file()));
  // Hashes of other data, without a signature, which Go would take.
  const Bytes other(25, 8);
  records = Records(sign_data(key_of(0x66), other, 10).value());
  records.data.pop_back();
  CHECK_FALSE(good(other, records.file()));
}

TEST_CASE("[A-50] a signature file cut off anywhere is refused") {
  const Bytes data(25, 7);
  const auto signature = sign_data(owner(), data, 10).value();
  for (std::size_t size = 0; size < signature.size(); ++size) CHECK_FALSE(good(data, BytesView(signature).first(size)));
}

TEST_CASE("[A-50] records too many, too few or in another order are refused") {
  const Bytes data(25, 7);
  const Records whole(sign_data(owner(), data, 10).value());
  auto records = whole;
  records.data.push_back(records.data.back());  // a second signature
  CHECK_FALSE(good(data, records.file()));
  records = whole;
  records.data.push_back(records.data.front());  // a hash behind the signature
  CHECK_FALSE(good(data, records.file()));
  records = whole;
  records.data.insert(records.data.begin(), records.data.back());  // the signature first
  CHECK_FALSE(good(data, records.file()));
  records = whole;
  records.data.erase(records.data.begin());  // a chunk less
  CHECK_FALSE(good(data, records.file()));
  records = whole;
  records.data.insert(records.data.begin(), records.data.front());  // a chunk more
  CHECK_FALSE(good(data, records.file()));
  records = whole;
  std::swap(records.data[0], records.data[2]);
  CHECK_FALSE(good(data, records.file()));
  auto with_rest = whole.file();
  with_rest.push_back(0);
  CHECK_FALSE(good(data, with_rest));
}

TEST_CASE("[A-50] the size of chunks is part of what is signed, and must make sense") {
  const Bytes data(10, 7);
  Records records(sign_data(owner(), data, 10).value());
  for (const std::int64_t size :
       {std::int64_t{11}, std::int64_t{9}, std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    CAPTURE(size);
    records.header.ChunkSizeBytes = size;
    CHECK_FALSE(good(data, records.file()));
  }
  // Rightly signed, and still senseless.
  CHECK_FALSE(good(Bytes(), sign_data(owner(), Bytes(), 0).value()));
  CHECK_FALSE(good(Bytes(), sign_data(owner(), Bytes(), -1).value()));
  CHECK(good(data, sign_data(owner(), data, INT64_MAX).value()));
}

TEST_CASE("[A-50] a signature by another key, or made for another purpose, is refused") {
  const Bytes data(10, 7);
  CHECK_FALSE(good(data, sign_data(key_of(0x66), data).value()));
  const auto signature = sign_data(owner(), data).value();
  Records records(signature);
  auto& last = records.data.back().get_if<SignedData::Signature>()->value;
  // The same message, as a certificate or a discharge would be signed.
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.add(Bytes{0, 0, 0x10, 0, 0, 0, 0, 0});
  hasher.add(hash(HashAlgorithm::kSha256, {data}));
  const auto message = hasher.finish();
  last = owner().sign("S1", message).value();
  CHECK(good(data, records.file()));
  for (const auto* purpose : {"B1", "D1", ""}) {
    last = owner().sign(purpose, message).value();
    CHECK_FALSE(good(data, records.file()));
    last.Purpose = {'S', '1'};
    CHECK_FALSE(good(data, records.file()));
  }
}

}  // namespace
}  // namespace nb::security

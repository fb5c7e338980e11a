#include <nb/security/private_key.h>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>
#include <string>

#include <nb/base/check.h>
#include <nb/base/verror.h>

#include "security/der.h"
#include "security/key_handle.h"

namespace nb {
namespace security {
namespace {

using v23::security::Signature;

constexpr std::size_t kEd25519SeedSize = 32;

// Also computes the point, in constant time as OpenSSL does for secret scalars.
Result<PkeyPtr> ecdsa_from_scalar(const Curve& curve, BytesView scalar) {
  const BigNumberPtr d(BN_secure_new());
  if (scalar.size() != curve.field_size || !d ||
      BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), d.get()) == nullptr) {
    return verror::BadArg("a private key on this curve has " + std::to_string(curve.field_size) + " bytes");
  }
  if (BN_is_zero(d.get()) || BN_cmp(d.get(), EC_GROUP_get0_order(curve.group.get())) >= 0) {
    return verror::BadArg("the private key is not from 1 to below the order of the curve");
  }
  BN_set_flags(d.get(), BN_FLG_CONSTTIME);
  const PointPtr point(EC_POINT_new(curve.group.get()));
  Bytes encoded(1 + 2 * curve.field_size);
  NB_CHECK(point && EC_POINT_mul(curve.group.get(), point.get(), d.get(), nullptr, nullptr, nullptr) == 1 &&
               EC_POINT_point2oct(curve.group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                                  encoded.size(), nullptr) == encoded.size(),
           "every scalar has a point");
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  NB_CHECK(builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.name, 0) == 1 &&
               OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                                encoded.size()) == 1 &&
               OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) == 1,
           "a key can be described");
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return verror::BadArg("the private key is unusable");
  }
  return PkeyPtr(key);
}

PkeyPtr generate(KeyType type) {
  switch (type) {
    case KeyType::kEcdsa256:
      return PkeyPtr(EVP_EC_gen(curve_of(KeyAlgorithm::kEcdsaP256)->name));
    case KeyType::kEcdsa384:
      return PkeyPtr(EVP_EC_gen(curve_of(KeyAlgorithm::kEcdsaP384)->name));
    case KeyType::kEcdsa521:
      return PkeyPtr(EVP_EC_gen(curve_of(KeyAlgorithm::kEcdsaP521)->name));
    case KeyType::kEd25519:
      return PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case KeyType::kRsa2048:
      return PkeyPtr(EVP_RSA_gen(2048));
    case KeyType::kRsa4096:
      return PkeyPtr(EVP_RSA_gen(4096));
  }
  return nullptr;
}

// At most the modulus of the largest RSA key.
using SignatureBuffer = std::array<std::uint8_t, 1024>;

std::optional<BytesView> ecdsa_or_rsa_sign(const KeyHandle& key, const Digest& digest, SignatureBuffer& buffer) {
  PkeyContextPtr context = key.signing().take();
  if (!context) context = make_context(key, key.hash(), EVP_PKEY_sign_init);
  std::size_t size = buffer.size();
  if (!context || EVP_PKEY_sign(context.get(), buffer.data(), &size, digest.data(), digest.size()) != 1) {
    return std::nullopt;
  }
  key.signing().give_back(std::move(context));
  return BytesView(buffer.data(), size);
}

std::optional<BytesView> ed25519_sign(const KeyHandle& key, const Digest& digest, SignatureBuffer& buffer) {
  const MdContextPtr context(EVP_MD_CTX_new());
  std::size_t size = buffer.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.key().get()) != 1 ||
      EVP_DigestSign(context.get(), buffer.data(), &size, digest.data(), digest.size()) != 1) {
    return std::nullopt;
  }
  return BytesView(buffer.data(), size);
}

Bytes copy(BytesView bytes) { return Bytes(bytes.begin(), bytes.end()); }

// Fills in the part of the signature that goes with the key's algorithm.
bool sign_digest(const KeyHandle& key, const Digest& digest, Signature& out) {
  const ErrorsForgotten guard;
  SignatureBuffer buffer;
  const bool is_ed25519 = key.algorithm() == KeyAlgorithm::kEd25519;
  const std::optional<BytesView> made =
      is_ed25519 ? ed25519_sign(key, digest, buffer) : ecdsa_or_rsa_sign(key, digest, buffer);
  if (!made) return false;
  if (is_ed25519) {
    out.Ed25519 = copy(*made);
  } else if (key.algorithm() == KeyAlgorithm::kRsa) {
    out.Rsa = copy(*made);
  } else {
    DerReader outer(*made);
    const std::optional<BytesView> numbers = outer.take(kDerSequence);
    DerReader inner(numbers.value_or(BytesView()));
    const std::optional<BytesView> r = inner.take_positive();
    const std::optional<BytesView> s = inner.take_positive();
    if (!r || !s) return false;
    out.R = copy(*r);
    out.S = copy(*s);
  }
  return true;
}

}  // namespace
}  // namespace security

std::string_view to_string(KeyType type) {
  switch (type) {
    case KeyType::kEcdsa256:
      return "ecdsa256";
    case KeyType::kEcdsa384:
      return "ecdsa384";
    case KeyType::kEcdsa521:
      return "ecdsa521";
    case KeyType::kEd25519:
      return "ed25519";
    case KeyType::kRsa2048:
      return "rsa2048";
    case KeyType::kRsa4096:
      return "rsa4096";
  }
  return "unknown";
}

Result<KeyType> key_type_from_string(std::string_view text) {
  std::string names;
  for (const KeyType type : {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519,
                             KeyType::kRsa2048, KeyType::kRsa4096}) {
    if (text == to_string(type)) return type;
    names += (names.empty() ? "" : ", ") + std::string(to_string(type));
  }
  return verror::BadArg("no kind of key is called \"" + std::string(text) + "\"; there are " + names);
}

Result<PrivateKey> PrivateKey::make(KeyType type) {
  const security::ErrorsForgotten guard;
  security::PkeyPtr key = security::generate(type);
  if (!key) return verror::Internal("OpenSSL could not make a key");
  return security::private_key_from(std::move(key));
}

Result<PrivateKey> PrivateKey::from_raw(KeyAlgorithm algorithm, BytesView bytes) {
  using namespace security;
  const ErrorsForgotten guard;
  if (const Curve* const curve = curve_of(algorithm)) {
    return ecdsa_from_scalar(*curve, bytes).and_then([](PkeyPtr key) { return private_key_from(std::move(key)); });
  }
  if (algorithm != KeyAlgorithm::kEd25519) return verror::BadArg("RSA keys have no raw form");
  if (bytes.size() != kEd25519SeedSize) return verror::BadArg("an Ed25519 seed has 32 bytes");
  PkeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()));
  if (!key) return verror::BadArg("the Ed25519 seed is unusable");
  return private_key_from(std::move(key));
}

Result<v23::security::Signature> PrivateKey::sign(std::string_view purpose, BytesView message) const {
  NB_CHECK(handle_, "only a key can sign");
  v23::security::Signature signature;
  signature.Purpose = security::copy(as_bytes(purpose));
  signature.Hash = security::hash_label(handle_->hash());
  const security::Digest digest = security::signing_digest(*handle_, handle_->hash(), message, as_bytes(purpose));
  if (!security::sign_digest(*handle_, digest, signature)) return verror::Internal("OpenSSL could not sign");
  return signature;
}

Result<PrivateKey> security::private_key_from(PkeyPtr key) {
  Result<PublicKey> public_key = public_part(key.get());
  if (!public_key) return public_key.error();
  const KeyHandle& part = *public_key->handle();
  // Two handles, so that a copy of the public key does not keep the private one in memory.
  auto handle = std::make_shared<KeyHandle>(std::move(key), KeyHandle::Part::kPrivate, part.algorithm(), part.bits(),
                                            part.hash(), Bytes(part.der().begin(), part.der().end()));
  return PrivateKey(std::move(handle), *std::move(public_key));
}

}  // namespace nb

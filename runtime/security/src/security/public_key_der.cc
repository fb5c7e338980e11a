// Reading and making the DER form of public keys. Only canonical spellings are read, by comparing and strict parsing
// instead of OpenSSL's decoders, which accept many spellings of one key and take longer than checking a signature.
#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <nb/base/check.h>
#include <nb/base/verror.h>
#include <nb/security/public_key.h>

#include "security/der.h"
#include "security/key_handle.h"
#include "security/weak_points.h"

namespace nb {
namespace security {
namespace {

constexpr std::size_t kMaxDer = 2048;
constexpr std::size_t kMinRsaBits = 2048;
constexpr std::size_t kMaxRsaBits = 8192;
constexpr std::size_t kEd25519Size = 32;

// SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING without unused bits { the key } }
constexpr std::array<std::uint8_t, 12> kEd25519Prefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                         0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
// What the inner SEQUENCE { rsaEncryption, NULL } holds.
constexpr std::array<std::uint8_t, 13> kRsaAlgorithm = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                        0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

bool starts_with(BytesView bytes, BytesView prefix) {
  return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

const Curve* curve_with_prefix(BytesView der) {
  for (const KeyAlgorithm algorithm : {KeyAlgorithm::kEcdsaP256, KeyAlgorithm::kEcdsaP384, KeyAlgorithm::kEcdsaP521}) {
    const Curve& curve = *curve_of(algorithm);
    if (starts_with(der, curve.prefix)) return &curve;
  }
  return nullptr;
}

// Null also for coordinates that are not below the prime and points off the curve. The length is right.
PkeyPtr make_ecdsa(const Curve& curve, BytesView der) {
  const BytesView point = der.subspan(curve.prefix.size() - 1);
  PkeyPtr key(EVP_PKEY_new());
  NB_CHECK(key && EVP_PKEY_copy_parameters(key.get(), curve.template_key.get()) == 1, "a curve can be copied");
  if (EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1) return nullptr;
  return key;
}

PkeyPtr make_ed25519(BytesView der) {
  const BytesView point = der.subspan(kEd25519Prefix.size());
  return PkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size()));
}

PublicKey make_key(PkeyPtr key, KeyAlgorithm algorithm, std::size_t bits, HashAlgorithm hash, BytesView der) {
  return PublicKey(std::make_shared<KeyHandle>(std::move(key), KeyHandle::Part::kPublic, algorithm, bits, hash,
                                               Bytes(der.begin(), der.end())));
}

Result<PublicKey> ecdsa_key(const Curve& curve, BytesView der) {
  if (der.size() != curve.prefix.size() + 2 * curve.field_size) {
    return verror::BadArg(std::string("the public key on curve ") + curve.name + " has the wrong length");
  }
  PkeyPtr key = make_ecdsa(curve, der);
  if (!key) return verror::BadArg(std::string("the public key is not a point on curve ") + curve.name);
  return make_key(std::move(key), curve.algorithm, curve.bits, curve.hash, der);
}

Result<PublicKey> ed25519_key(BytesView der) {
  if (der.size() != kEd25519Prefix.size() + kEd25519Size) {
    return verror::BadArg("the Ed25519 public key has the wrong length");
  }
  const BytesView point = der.subspan(kEd25519Prefix.size());
  if (is_weak_point(point)) return verror::BadArg("the Ed25519 public key is one that everybody can sign for");
  PkeyPtr key = make_ed25519(der);
  if (!key) return verror::BadArg("the Ed25519 public key is unusable");
  return make_key(std::move(key), KeyAlgorithm::kEd25519, 256, HashAlgorithm::kSha512, der);
}

PkeyPtr make_rsa(BytesView modulus, BytesView exponent) {
  const BigNumberPtr n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const BigNumberPtr e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return PkeyPtr(key);
}

// SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { modulus, exponent } } }; none when it is not
// such in DER.
std::optional<std::pair<BytesView, BytesView>> rsa_numbers(BytesView der) {
  DerReader outer(der);
  const std::optional<BytesView> whole = outer.take(kDerSequence);
  if (!whole || !outer.at_end()) return std::nullopt;
  DerReader parts(*whole);
  const std::optional<BytesView> algorithm = parts.take(kDerSequence);
  if (!algorithm || !std::equal(algorithm->begin(), algorithm->end(), kRsaAlgorithm.begin(), kRsaAlgorithm.end())) {
    return std::nullopt;
  }
  const std::optional<BytesView> bits = parts.take(kDerBitString);
  if (!bits || !parts.at_end() || bits->empty() || (*bits)[0] != 0) return std::nullopt;
  DerReader inner(bits->subspan(1));
  const std::optional<BytesView> pair = inner.take(kDerSequence);
  if (!pair || !inner.at_end()) return std::nullopt;
  DerReader numbers(*pair);
  const std::optional<BytesView> modulus = numbers.take_positive();
  const std::optional<BytesView> exponent = modulus ? numbers.take_positive() : std::nullopt;
  if (!exponent || !numbers.at_end()) return std::nullopt;
  return std::pair(*modulus, *exponent);
}

std::size_t bit_length(BytesView number) {
  std::size_t bits = number.size() * 8;
  for (unsigned top = number[0]; (top & 0x80) == 0; top <<= 1) --bits;
  return bits;
}

Result<PublicKey> rsa_key(BytesView modulus, BytesView exponent, BytesView der) {
  const std::size_t bits = bit_length(modulus);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return verror::BadArg("the RSA key has " + std::to_string(bits) + " bits, not 2048 to 8192");
  }
  // Go takes exponents up to 2^31-1; even ones belong to no key, and 1 makes every message its own signature.
  const bool odd = (exponent.back() & 1) != 0 && (modulus.back() & 1) != 0;
  if (!odd || bit_length(exponent) > 31 || (exponent.size() == 1 && exponent[0] == 1)) {
    return verror::BadArg("the RSA key has an impossible modulus or exponent");
  }
  PkeyPtr key = make_rsa(modulus, exponent);
  if (!key) return verror::BadArg("the RSA public key is unusable");
  return make_key(std::move(key), KeyAlgorithm::kRsa, bits, HashAlgorithm::kSha512, der);
}

std::optional<Bytes> number_of(EVP_PKEY* key, const char* name, std::size_t size = 0) {
  BIGNUM* taken = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &taken) != 1) return std::nullopt;
  const BigNumberPtr number(taken);
  Bytes bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number.get())) : size);
  if (BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) < 0) return std::nullopt;
  return bytes;
}

std::optional<Bytes> der_of_ecdsa(EVP_PKEY* key) {
  char name[64];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return std::nullopt;
  const Curve* const curve = curve_named({name, size});
  if (curve == nullptr) return std::nullopt;
  const std::optional<Bytes> x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, curve->field_size);
  const std::optional<Bytes> y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve->field_size);
  if (!x || !y) return std::nullopt;
  Bytes der = curve->prefix;
  der.insert(der.end(), x->begin(), x->end());
  der.insert(der.end(), y->begin(), y->end());
  return der;
}

std::optional<Bytes> der_of_ed25519(EVP_PKEY* key) {
  Bytes der(kEd25519Prefix.begin(), kEd25519Prefix.end());
  der.resize(kEd25519Prefix.size() + kEd25519Size);
  std::size_t size = kEd25519Size;
  if (EVP_PKEY_get_raw_public_key(key, der.data() + kEd25519Prefix.size(), &size) != 1) return std::nullopt;
  return der;
}

std::optional<Bytes> der_of_rsa(EVP_PKEY* key) {
  if (static_cast<std::size_t>(EVP_PKEY_get_bits(key)) > kMaxRsaBits) return std::nullopt;
  const std::optional<Bytes> n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const std::optional<Bytes> e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  if (!n || !e) return std::nullopt;
  Bytes numbers;
  append_der_integer(numbers, *n);
  append_der_integer(numbers, *e);
  Bytes bits = {0};  // none of the last byte's bits are unused
  append_der(bits, kDerSequence, numbers);
  Bytes parts;
  append_der(parts, kDerSequence, kRsaAlgorithm);
  append_der(parts, kDerBitString, bits);
  Bytes der;
  append_der(der, kDerSequence, parts);
  return der;
}

}  // namespace

PkeyPtr openssl_key(BytesView der) {
  const ErrorsForgotten guard;
  if (const Curve* const curve = curve_with_prefix(der)) return make_ecdsa(*curve, der);
  if (starts_with(der, kEd25519Prefix)) return make_ed25519(der);
  const auto numbers = rsa_numbers(der);
  return numbers ? make_rsa(numbers->first, numbers->second) : nullptr;
}

Result<PublicKey> public_part(EVP_PKEY* key) {
  const ErrorsForgotten guard;
  std::optional<Bytes> der;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC:
      der = der_of_ecdsa(key);
      break;
    case EVP_PKEY_ED25519:
      der = der_of_ed25519(key);
      break;
    case EVP_PKEY_RSA:
      der = der_of_rsa(key);
      break;
    default:
      break;
  }
  if (!der) return verror::BadArg("a key of a kind that is not used here: only ECDSA, Ed25519 and RSA are");
  return PublicKey::from_der(*der);
}

}  // namespace security

Result<PublicKey> PublicKey::from_der(BytesView der) {
  using namespace security;
  const ErrorsForgotten guard;
  if (der.size() > kMaxDer) return verror::BadArg("a public key of more than 2 KiB");
  if (const Curve* const curve = curve_with_prefix(der)) return ecdsa_key(*curve, der);
  if (starts_with(der, kEd25519Prefix)) return ed25519_key(der);
  if (const auto numbers = rsa_numbers(der)) return rsa_key(numbers->first, numbers->second, der);
  return verror::BadArg("not the canonical DER form of an ECDSA, Ed25519 or RSA public key");
}

}  // namespace nb

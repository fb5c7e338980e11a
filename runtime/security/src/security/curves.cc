#include "security/curves.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>

#include <array>

#include <nb/base/check.h>

namespace nb::security {
namespace {

PkeyPtr make_template(const char* name) {
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(name), 0),
      OSSL_PARAM_construct_end(),
  };
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  NB_CHECK(context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
               EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEY_PARAMETERS, params) == 1,
           "OpenSSL has the three curves");
  return PkeyPtr(key);
}

Curve make_curve(KeyAlgorithm algorithm, const char* name, std::size_t bits, HashAlgorithm hash, Bytes prefix) {
  Curve curve{algorithm, name, bits, (bits + 7) / 8, hash, std::move(prefix), {}, nullptr, make_template(name)};
  curve.group.reset(EC_GROUP_new_by_curve_name(OBJ_txt2nid(name)));
  NB_CHECK(curve.group, "OpenSSL has the three curves");
  curve.order.resize(curve.field_size);
  BN_bn2binpad(EC_GROUP_get0_order(curve.group.get()), curve.order.data(), static_cast<int>(curve.order.size()));
  return curve;
}

const std::array<Curve, 3>& curves() {
  // SEQUENCE { SEQUENCE { id-ecPublicKey, the curve }, BIT STRING without unused bits { 04, X, Y } }
  // Never destroyed: keys may be used until the very end of the program.
  static const std::array<Curve, 3>& all = *new std::array<Curve, 3>{
      make_curve(KeyAlgorithm::kEcdsaP256, SN_X9_62_prime256v1, 256, HashAlgorithm::kSha256,
                 {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                  0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04}),
      make_curve(KeyAlgorithm::kEcdsaP384, SN_secp384r1, 384, HashAlgorithm::kSha384,
                 {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                  0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04}),
      make_curve(KeyAlgorithm::kEcdsaP521, SN_secp521r1, 521, HashAlgorithm::kSha512,
                 {0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                  0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04}),
  };
  return all;
}

}  // namespace

const Curve* curve_of(KeyAlgorithm algorithm) {
  for (const Curve& curve : curves()) {
    if (curve.algorithm == algorithm) return &curve;
  }
  return nullptr;
}

const Curve* curve_named(std::string_view name) {
  for (const Curve& curve : curves()) {
    if (curve.name == name) return &curve;
  }
  return nullptr;
}

}  // namespace nb::security

#include "flow/auth.h"

#include <algorithm>
#include <string_view>

#include "flow/errors.h"
#include "security/sign_authentication.h"

namespace nb::flow {
namespace {

using v23::security::Signature;

// The roles sign different things, so that nobody can send back what he was sent.
Bytes signed_message(Role role, BytesView binding) {
  const std::string_view tag = role == Role::kDialer ? security::kDialerTag : security::kAcceptorTag;
  Bytes message(tag.begin(), tag.end());
  message.insert(message.end(), binding.begin(), binding.end());
  return message;
}

Signature signature_of(const Auth& auth) {
  Signature signature;
  signature.Purpose = auth.purpose;
  signature.Hash = v23::security::Hash(auth.hash);
  if (const auto* const ecdsa = std::get_if<EcdsaSignature>(&auth.signature)) {
    signature.R = ecdsa->r;
    signature.S = ecdsa->s;
  } else if (const auto* const ed25519 = std::get_if<Ed25519Signature>(&auth.signature)) {
    signature.Ed25519 = ed25519->bytes;
  } else if (const auto* const rsa = std::get_if<RsaSignature>(&auth.signature)) {
    signature.Rsa = rsa->bytes;
  }
  return signature;
}

}  // namespace

Bytes channel_binding(Version version, BytesView dialer_setup, BytesView acceptor_setup, const SetupKey& own,
                      const SetupKey& peer) {
  const bool only_keys = version < 14;
  const BytesView first = only_keys ? BytesView(std::min(own, peer)) : dialer_setup;
  const BytesView second = only_keys ? BytesView(std::max(own, peer)) : acceptor_setup;
  Bytes binding(first.begin(), first.end());
  binding.insert(binding.end(), second.begin(), second.end());
  return binding;
}

Result<Auth> sign_auth(const Principal& principal, Role role, BytesView binding) {
  Result<Signature> signature = security::sign_authentication(principal, signed_message(role, binding));
  if (!signature) return signature.error();
  Auth auth;
  auth.purpose = std::move(signature->Purpose);
  auth.hash = static_cast<const std::string&>(signature->Hash);
  if (!signature->Ed25519.empty()) {
    auth.signature = Ed25519Signature{std::move(signature->Ed25519)};
  } else if (!signature->Rsa.empty()) {
    auth.signature = RsaSignature{std::move(signature->Rsa)};
  } else {
    auth.signature = EcdsaSignature{std::move(signature->R), std::move(signature->S)};
  }
  return auth;
}

Result<void> verify_auth(const PublicKey& key, Role role, BytesView binding, const Auth& auth) {
  const Result<void> verified =
      key.verify(signature_of(auth), v23::security::SignatureForMessageSigning, signed_message(role, binding));
  if (verified) return {};
  return kAborted("the channel binding was invalid: " + std::string(verified.error().message()));
}

}  // namespace nb::flow

// Principal: a key with the names it was given and the roots it believes (docs/spec/security.md 1 and 6).
//
//   auto alice = nb::Principal::make().value();                       // a new key, in memory
//   auto self = alice->bless_self("alice").value();
//   alice->set_default_blessings(self).value();
//   auto phone = alice->bless(key_of_phone, self, "phone", nb::expiry_caveat(tomorrow)).value();
//
// Immutable but for its store and roots; safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/blessing_roots.h>
#include <nb/security/blessing_store.h>
#include <nb/security/blessings.h>
#include <nb/security/caveat.h>
#include <nb/security/discharge.h>
#include <nb/security/private_key.h>

namespace nb {

class Principal;

namespace security {
Result<v23::security::Signature> sign_authentication(const Principal& principal, BytesView message);
}

class Principal {
 public:
  // In memory, without any blessings.
  static Result<std::shared_ptr<const Principal>> make(KeyType type = KeyType::kEcdsa256);
  // The store must be for the same key (BadArg).
  static Result<std::shared_ptr<const Principal>> make(PrivateKey key, std::shared_ptr<BlessingStore> store,
                                                       std::shared_ptr<BlessingRoots> roots);
  // Can verify and cannot sign: sign() and what needs it fail.
  static Result<std::shared_ptr<const Principal>> make_public_only(PublicKey key, std::shared_ptr<BlessingStore> store,
                                                                   std::shared_ptr<BlessingRoots> roots);

  const PublicKey& public_key() const { return public_key_; }
  bool can_sign() const { return static_cast<bool>(private_key_); }
  BlessingStore& store() const { return *store_; }
  BlessingRoots& roots() const { return *roots_; }

  // Where there are caveats, both put unconstrained_use() behind the last one unless it stands there already: Go's
  // runtime can be made to overlook the last caveat of a certificate (16, 24).
  //
  // One chain of one certificate, signed by its own key (6.1).
  Result<Blessings> bless_self(std::string_view name, std::vector<Caveat> caveats = {}) const;
  // Every chain of `with`, which must be this principal's own, longer by one certificate (6.2). Saying
  // unconstrained_use() as the caveat gives away everything that `with` can do. BadArg beyond 16 chains or 64
  // certificates in all.
  Result<Blessings> bless(const PublicKey& key, const Blessings& with, std::string_view extension, Caveat caveat,
                          std::vector<Caveat> more = {}) const;
  // For messages of programs: purpose S1. Sign what you have made or understood, never bytes that somebody else chose
  // (a challenge, say): begin your messages with a word of your own that says what they are for, else a peer can have
  // something signed that means something elsewhere. Connections are authenticated by signatures of the same purpose,
  // so messages that begin as theirs do, "AuthDial\0" or "AuthAcpt\0", are refused (BadArg).
  Result<v23::security::Signature> sign(BytesView message) const;
  // Answers a third-party caveat for this principal's key; the discharge counts while `caveat` and `more` hold (6.6).
  // Check dischargeable() first.
  Result<Discharge> mint_discharge(const Caveat& third_party, Caveat caveat, std::vector<Caveat> more = {}) const;

  // Believes the roots of `blessings` for their names.
  Result<void> add_to_roots(const Blessings& blessings) const;
  // Believes their roots, shows them by default and to every peer.
  Result<void> set_default_blessings(const Blessings& blessings) const;

 private:
  friend Result<v23::security::Signature> security::sign_authentication(const Principal&, BytesView);
  Principal(PrivateKey key, PublicKey public_key, std::shared_ptr<BlessingStore> store,
            std::shared_ptr<BlessingRoots> roots);

  PrivateKey private_key_;
  PublicKey public_key_;
  std::shared_ptr<BlessingStore> store_;  // shared with whoever made the principal
  std::shared_ptr<BlessingRoots> roots_;
};

}  // namespace nb

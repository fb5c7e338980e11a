// For tests: principals that believe each other, since one root has named them all.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include <nb/security/principal.h>

namespace nb::conn::testing {

class Family {
 public:
  // A new key with the name "family:" + name, shown by default and to every peer.
  std::shared_ptr<const Principal> member(std::string_view name) const {
    auto made = stranger();
    name_member(*made, name);
    return made;
  }
  // Believes the family, and has no name.
  std::shared_ptr<const Principal> stranger() const {
    auto made = *Principal::make(KeyType::kEd25519);
    made->add_to_roots(self_).value();
    return made;
  }
  // From now on `principal` shows this name, and caveats with it.
  void name_member(const Principal& principal, std::string_view name, Caveat caveat = unconstrained_use()) const {
    principal.store().set_default(blessings(principal, name, std::move(caveat))).value();
  }
  Blessings blessings(const Principal& principal, std::string_view name, Caveat caveat = unconstrained_use()) const {
    return root_->bless(principal.public_key(), self_, name, std::move(caveat)).value();
  }

 private:
  std::shared_ptr<const Principal> root_ = *Principal::make(KeyType::kEd25519);
  Blessings self_ = *root_->bless_self("family");
};

}  // namespace nb::conn::testing

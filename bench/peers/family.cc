#include "family.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nb/security/caveat.h>
#include <nb/security/credentials.h>

namespace bench {

namespace {

std::string content(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Head {
  std::shared_ptr<const nb::Principal> principal;
  nb::Blessings self;
};

const Head& head(const std::string& folder) {
  static const Head read = [&folder] {
    const auto key = nb::PrivateKey::from_pem(content(folder + "/family.pem")).value();
    return Head{nb::Principal::make(key, nb::memory_store(key.public_key()), nb::memory_roots()).value(),
                nb::Blessings::from_text(content(folder + "/family.blessings")).value()};
  }();
  return read;
}

void name(const nb::Principal& principal, const std::string& folder, const std::string& name) {
  const Head& by = head(folder);
  const auto blessings = by.principal->bless(principal.public_key(), by.self, name, nb::unconstrained_use()).value();
  principal.set_default_blessings(blessings).value();
}

}  // namespace

void make_family(const std::string& folder) {
  const auto key = nb::PrivateKey::make().value();
  const auto made = nb::Principal::make(key, nb::memory_store(key.public_key()), nb::memory_roots()).value();
  std::ofstream(folder + "/family.pem") << key.to_pem().value();
  std::ofstream(folder + "/family.blessings") << made->bless_self("family").value().to_text();
}

std::shared_ptr<const nb::Principal> member(const std::string& folder, const std::string& called) {
  auto made = nb::Principal::make().value();
  name(*made, folder, called);
  return made;
}

std::shared_ptr<const nb::Principal> member_in_folder(const std::string& folder, const std::string& called) {
  const std::string own = folder + "/" + called;
  if (std::filesystem::exists(own)) return nb::open_credentials(own).value();
  auto made = nb::create_credentials(own).value();
  name(*made, folder, called);
  return made;
}

}  // namespace bench

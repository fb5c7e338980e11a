// Lives in the house whose name is given: gives a guest a name that is good for little, the guest hands it on, and the
// house gets one to run an errand with.
#include <nb/base/verror.h>
#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "house/house.rpc.h"

using namespace std::chrono_literals;

namespace {

int failed(const nb::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

nb::Time in_an_hour() { return nb::Time(nb::Time::now().seconds() + 3600, 0); }

// Somebody new: a key of his own, and a name that `giver` makes out of its own one, under these conditions.
nb::Result<std::shared_ptr<const nb::Principal>> named_by(const nb::Principal& giver, const std::string& extension,
                                                          nb::Caveat caveat, std::vector<nb::Caveat> more = {}) {
  auto somebody = nb::Principal::make();
  if (!somebody) return somebody.error();
  const nb::PublicKey& key = (*somebody)->public_key();
  auto name = giver.bless(key, giver.store().default_blessings(), extension, std::move(caveat), std::move(more));
  if (!name) return name.error();
  if (auto set = (*somebody)->set_default_blessings(*name); !set) return set.error();
  return somebody;
}

// Rings and tries to open, acting as this principal. In life this is a program of its own, with the key in its folder.
int visit(std::shared_ptr<const nb::Principal> visitor, const std::string& name) {
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1).principal(std::move(visitor)));
  if (!runtime) return failed(runtime.error());
  const house::HouseClient house(*runtime, name);
  const auto within_5s = runtime->context().with_timeout(5s);
  auto rung = house.Ring(within_5s).get();
  if (!rung) return failed(rung.error());
  std::cout << "Ring says: " << *rung << '\n';
  auto opened = house.Open(within_5s).get();
  if (!opened && !nb::verror::NoAccess.matches(opened.error())) return failed(opened.error());
  std::cout << "Open says: " << (opened ? *opened : "no access") << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: house_client NAME\n", 2;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return failed(runtime.error());
  const std::shared_ptr<const nb::Principal> me = runtime->principal();  // who V23_CREDENTIALS says
  if (int status = visit(me, argv[1])) return status;

  // Bless: for one hour, and for one method.
  auto guest = named_by(*me, "guest", nb::expiry_caveat(in_an_hour()), {nb::method_caveat({"Ring"})});
  if (!guest) return failed(guest.error());
  if (int status = visit(*guest, argv[1])) return status;

  // Delegate: the guest needs nobody to hand on what it has, and can hand on no more than that.
  auto friend_of_guest = named_by(**guest, "friend", nb::unconstrained_use());
  if (!friend_of_guest) return failed(friend_of_guest.error());
  if (int status = visit(*friend_of_guest, argv[1])) return status;

  // Grant: the house gets a name within the call. The granter sees whom it is for, and can refuse.
  const auto granter = [](const nb::Context&, const nb::SecurityCall& call) {
    return call.local_principal->bless(call.remote_blessings.public_key(), call.local_blessings, "errand",
                                       nb::expiry_caveat(in_an_hour()));
  };
  const auto within_5s = runtime->context().with_timeout(5s);
  auto answer =
      house::HouseClient(*runtime, argv[1]).Errand(within_5s, "bakery", nb::CallOptions().granter(granter)).get();
  if (!answer) return failed(answer.error());
  std::cout << "Errand says: " << *answer << '\n';
  return 0;
}

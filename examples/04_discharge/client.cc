// Takes on somebody who may open a door for as long as an office says so, and has him dismissed.
#include <nb/base/verror.h>
#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>
#include <nb/security/discharge.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "office/office.rpc.h"

using namespace std::chrono_literals;

namespace {

int failed(const nb::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: door_client DOOR OFFICE\n", 2;
  const std::string office_name = argv[2];
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return failed(runtime.error());
  const std::shared_ptr<const nb::Principal> me = runtime->principal();

  // A condition that a third party decides: it holds where somebody shows a discharge, signed with this key, which is
  // to be had at this place. The office acts as the same principal as this program does, so its key is ours. What the
  // office is to check itself could stand in the list.
  auto caveat = nb::third_party_caveat(me->public_key(), office_name + "/discharges", nb::DischargeRequirements(),
                                       {nb::unconstrained_use()});
  if (!caveat) return failed(caveat.error());

  // A new key, and a name for it under that condition.
  auto employee = nb::Principal::make();
  if (!employee) return failed(employee.error());
  auto name = me->bless((*employee)->public_key(), me->store().default_blessings(), "employee", *caveat);
  if (!name) return failed(name.error());
  if (auto set = (*employee)->set_default_blessings(*name); !set) return failed(set.error());

  // His program. It says nothing about discharges: its runtime sees in the name that it needs one, asks the office
  // before the first call, shows it, and keeps it.
  auto his_runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1).principal(*employee));
  if (!his_runtime) return failed(his_runtime.error());
  const office::DoorClient door(*his_runtime, argv[1]);
  const auto his_context = his_runtime->context().with_timeout(30s);
  auto opened = door.Open(his_context).get();
  if (!opened) return failed(opened.error());
  std::cout << "Open says: " << *opened << '\n';

  // We are who the office is, so we may.
  const auto within_5s = runtime->context().with_timeout(5s);
  auto dismissed = office::OfficeClient(*runtime, office_name).Dismiss(within_5s, nb::third_party(*caveat)->id).get();
  if (!dismissed) return failed(dismissed.error());
  std::cout << "dismissed\n";

  // The discharge that he has counts for two seconds in all. Nobody tells the door anything.
  while ((opened = door.Open(his_context).get())) std::this_thread::sleep_for(100ms);
  if (!nb::verror::NoAccess.matches(opened.error())) return failed(opened.error());
  std::cout << "Open says: no access\n";
  return 0;
}

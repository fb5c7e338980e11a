// The office: issues discharges until it is told not to. Prints its name and ends at Ctrl-C.
#include <nb/base/verror.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/services/discharger.h>
#include <nb/services/revocation_list.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "office/office.rpc.h"
#include "stop_signal.h"

using namespace std::chrono_literals;

namespace {

// What the discharger looks at each time it is asked. It forgets when it ends; file_revocations() does not.
class Office final : public office::OfficeServer {
 public:
  explicit Office(std::shared_ptr<nb::RevocationList> revoked) : revoked_(std::move(revoked)) {}
  nb::Reply<void> Dismiss(nb::ServerCall&, std::string caveat) override { return revoked_->revoke(caveat); }

 private:
  const std::shared_ptr<nb::RevocationList> revoked_;  // shared with the discharger
};

// Two objects under one name. Everybody may ask for discharges: who gets one, the caveat says and the list. Only who
// has the office's own key may dismiss people; the default rule would let in all whose names begin as its name does.
class Rooms final : public nb::Dispatcher {
 public:
  explicit Rooms(const std::shared_ptr<const nb::Principal>& principal) {
    const auto revoked = nb::memory_revocations();
    only_us_ = nb::public_key_authorizer(principal->public_key());
    office_ = std::make_shared<Office>(revoked);
    // What was issued counts to its end, so this is how long a dismissal takes to be felt.
    discharger_ = nb::make_discharger(nb::DischargerOptions(principal).expiry(2s).revocations(revoked));
  }

  nb::Result<nb::Dispatched> lookup(const nb::Context&, std::string_view suffix) override {
    if (suffix.empty()) return nb::Dispatched(office_, only_us_);
    if (suffix == "discharges") return nb::Dispatched(discharger_, nb::allow_everyone());
    return nb::verror::UnknownSuffix(std::string(suffix));
  }

 private:
  std::shared_ptr<const nb::Authorizer> only_us_;
  std::shared_ptr<nb::Service> office_;
  std::shared_ptr<nb::Service> discharger_;
};

}  // namespace

int main() {
  const StopSignal stop;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return std::cerr << runtime.error().message() << '\n', 1;

  auto server =
      runtime->serve(std::make_shared<Rooms>(runtime->principal()), nb::ServerOptions().listen("tcp", "127.0.0.1:0"));
  if (!server) return std::cerr << server.error().message() << '\n', 1;

  std::cout << server->name() << std::endl;
  stop.wait();
  return 0;
}

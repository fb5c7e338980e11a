// The discharger: a server that answers third-party caveats (docs/spec/security.md 9.5).
//
//   nb::DischargerOptions options(principal);
//   options.expiry(10min).revocations(nb::file_revocations("/var/lib/shop/revoked").value());
//   auto server = runtime.serve(nb::make_discharger(options),
//                               nb::ServerOptions().listen(…).authorizer(nb::allow_everyone()));
//
// Everybody may ask: who gets an answer, the caveats say. It discharges a caveat if that is for its principal's key,
// has not been revoked, and all checks inside hold for the caller. What the caller says the discharge is for (the
// impetus) may be a lie and decides nothing ([A-36]).
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include <nb/base/clock.h>
#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/service.h>
#include <nb/security/discharge.h>
#include <nb/security/principal.h>
#include <nb/security/security_call.h>
#include <nb/services/revocation_list.h>

namespace nb {

class DischargerOptions {
 public:
  explicit DischargerOptions(std::shared_ptr<const Principal> principal) : principal_(std::move(principal)) {}

  // How long a discharge counts. So long, at most, a revocation takes to be felt.
  DischargerOptions& expiry(std::chrono::nanoseconds expiry) {
    expiry_ = expiry;
    return *this;
  }
  // Without one, nothing is revoked.
  DischargerOptions& revocations(std::shared_ptr<RevocationList> list) {
    revocations_ = std::move(list);
    return *this;
  }
  DischargerOptions& clock(std::shared_ptr<Clock> clock) {
    clock_ = std::move(clock);
    return *this;
  }

  const std::shared_ptr<const Principal>& principal() const { return principal_; }
  std::chrono::nanoseconds expiry() const { return expiry_; }
  const std::shared_ptr<RevocationList>& revocations() const { return revocations_; }
  const std::shared_ptr<Clock>& clock() const { return clock_; }

 private:
  std::shared_ptr<const Principal> principal_;
  std::chrono::nanoseconds expiry_ = std::chrono::minutes(5);
  std::shared_ptr<RevocationList> revocations_;
  std::shared_ptr<Clock> clock_ = system_clock();
};

// The decision, without any RPC: `call` is that of the one who asks, seen from the discharger's end. Fails with
// NotAThirdPartyCaveat (v.io/x/ref/services/discharger), BadArg for a caveat that is malformed or for another key,
// NoAccess for a revoked one, and with what the failing check says. A revocation list that cannot be read refuses all.
Result<Discharge> issue_discharge(const DischargerOptions& options, const Context& context, SecurityCall call,
                                  const Caveat& caveat);

// The object to serve.
std::shared_ptr<Service> make_discharger(DischargerOptions options);

}  // namespace nb

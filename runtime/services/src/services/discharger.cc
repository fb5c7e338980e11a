#include <nb/services/discharger.h>

#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/reply.h>
#include <nb/rpc/server_call.h>
#include <nb/security/caveat.h>

#include "v.io/x/ref/services/discharger/discharger.rpc.h"

namespace nb {
namespace {

namespace wire = x::ref::services::discharger;

Result<void> check_not_revoked(RevocationList* list, const Caveat& caveat) {
  if (list == nullptr) return {};
  const auto details = third_party(caveat);
  if (!details) return verror::BadArg("the parameter of the third-party caveat makes no sense");
  const auto revoked = list->is_revoked(details->id);
  if (!revoked) return revoked.error();
  if (*revoked) return verror::NoAccess("revoked");
  return {};
}

class Discharger final : public wire::DischargerServer {
 public:
  explicit Discharger(DischargerOptions options) : options_(std::move(options)) {}

  // The impetus is left alone on purpose: whoever asks may write into it what they like.
  Reply<v23::security::WireDischarge> Discharge(ServerCall& call, Caveat caveat,
                                                v23::security::DischargeImpetus) override {
    return issue_discharge(options_, call.context(), call.security(), caveat);
  }

 private:
  const DischargerOptions options_;
};

}  // namespace

Result<Discharge> issue_discharge(const DischargerOptions& options, const Context& context, SecurityCall call,
                                  const Caveat& caveat) {
  if (caveat.Id != v23::security::PublicKeyThirdPartyCaveat().Id) return wire::NotAThirdPartyCaveat(caveat);
  call.local_principal = options.principal();
  if (auto holds = dischargeable(context, call, caveat); !holds) return holds.error();
  if (auto fine = check_not_revoked(options.revocations().get(), caveat); !fine) return fine.error();
  const auto now = Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(options.clock()->wall_now()));
  const Time last(now.seconds(), now.nanos() + options.expiry().count());
  return options.principal()->mint_discharge(caveat, expiry_caveat(last));
}

std::shared_ptr<Service> make_discharger(DischargerOptions options) {
  return std::make_shared<Discharger>(std::move(options));
}

}  // namespace nb

#include "rpc/discharge_calls.h"

#include <nb/base/verror.h>
#include <nb/rpc/call.h>

#include "rpc/errors.h"
#include "rpc/runtime_core.h"

namespace nb::rpc {

void DischargeCalls::discharge(const Context& context, const std::string& location, const Caveat& caveat,
                               const v23::security::DischargeImpetus& impetus,
                               std::function<void(Result<Discharge>)> done) {
  const auto runtime = runtime_.lock();
  if (runtime == nullptr) return done(wrap(verror::BadState, kCloseAlreadyCalled()));
  auto result = make_pending<ResultState<Discharge>>(runtime->home());
  using Arguments = ValuesOf<Caveat, v23::security::DischargeImpetus>;
  CallSpec spec(context, CallOptions(), location, "Discharge", std::make_shared<Arguments>(caveat, impetus));
  auto call = start_unary(runtime, std::move(spec), result);
  Call<Discharge>(std::move(call), Pending<Result<Discharge>>(std::move(result))).then(std::move(done));
}

}  // namespace nb::rpc

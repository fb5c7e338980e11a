// Gets discharges by calling the services that issue them (docs/spec/security.md 9.5): what nb::DischargeFetcher does
// its I/O with.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <nb/security/discharge.h>

namespace nb::rpc {

class RuntimeCore;

class DischargeCalls final : public DischargeClient {
 public:
  explicit DischargeCalls(std::weak_ptr<RuntimeCore> runtime) : runtime_(std::move(runtime)) {}
  // The service has to have a name that its location carries, as every server; whether what it signs is right, the
  // fetcher checks. Other discharges are not fetched for it: the context says so.
  void discharge(const Context& context, const std::string& location, const Caveat& caveat,
                 const v23::security::DischargeImpetus& impetus, std::function<void(Result<Discharge>)> done) override;

 private:
  const std::weak_ptr<RuntimeCore> runtime_;  // owns the fetcher, which owns this
};

}  // namespace nb::rpc

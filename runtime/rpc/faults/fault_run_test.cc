// A short run; .ci/faults makes long ones.
#include <doctest/doctest.h>

#include "fault_run.h"

namespace nb::rpc::faults {

TEST_CASE(
    "under cuts, delays, failing dials and servers that come and go every call ends, runs at most once, and nothing is "
    "left") {
  FaultOptions options;
  options.calls = 3000;
  options.workers = 24;
  options.clients = 3;
  const FaultReport report = run_with_faults(options);
  CAPTURE(to_string(report));
  CHECK(report.violations.empty());
  CHECK(report.ends.at("ok") > 0);
  CHECK(report.kills + report.stops > 0);
}

}  // namespace nb::rpc::faults

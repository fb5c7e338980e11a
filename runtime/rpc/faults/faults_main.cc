// faults [CALLS [SEED]]: see fault_run.h. Ends in 1 when something does not hold.
#include <cstdio>
#include <cstdlib>

#include "fault_run.h"

int main(int argc, char** argv) {
  nb::rpc::faults::FaultOptions options;
  if (argc > 1) options.calls = std::atoll(argv[1]);
  if (argc > 2) options.seed = std::strtoull(argv[2], nullptr, 10);
  if (argc > 3 || options.calls < 1) {
    std::fputs("usage: faults [CALLS [SEED]]\n", stderr);
    return 2;
  }
  options.says_how_far = true;
  const auto report = nb::rpc::faults::run_with_faults(options);
  std::fputs(nb::rpc::faults::to_string(report).c_str(), stdout);
  std::puts(report.violations.empty() ? "all of it held" : "it did not hold");
  return report.violations.empty() ? 0 : 1;
}

// A run of many calls from many clients while connections are cut and delayed, dials fail, and servers are killed,
// stopped and started again. What it shows (RPC must keep it under all of that):
//   every call ends, in the right result or in an error that has an id and says something;
//   no method's body runs twice for one call;
//   nothing is left when all is over: no calls, no methods, no threads, no file descriptors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nb::rpc::faults {

struct FaultOptions {
  FaultOptions() {}
  std::int64_t calls = 1'000'000;
  std::uint64_t seed = 1;
  int workers = 48;           // threads that make calls, one at a time each
  int clients = 6;            // runtimes that they share
  bool says_how_far = false;  // on standard output
};

struct FaultReport {
  FaultReport() {}
  std::map<std::string, std::int64_t> ends;    // "ok", "dropped", or the id of an error: how many calls ended so
  std::map<std::string, std::string> example;  // a message for each id
  std::int64_t bodies = 0;                     // methods that ran
  std::uint64_t cuts = 0;
  std::uint64_t delays = 0;
  std::uint64_t failed_dials = 0;
  std::int64_t kills = 0;  // servers killed…
  std::int64_t stops = 0;  // …and stopped with grace, and started again
  double seconds = 0;
  std::vector<std::string> violations;  // none: all of the above holds
};

// Blocks. A call that does not end within a minute, whose own deadline is five seconds at most, ends the process with a
// word on standard error: it hangs.
FaultReport run_with_faults(const FaultOptions& options);

std::string to_string(const FaultReport& report);

}  // namespace nb::rpc::faults

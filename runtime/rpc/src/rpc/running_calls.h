// RunningCalls: the client calls of a runtime that have not ended, so that its end can find them. Does not own them.
// Safe from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace nb::rpc {

class RunningCall;

// A call's place in the list; part of the call, so that being listed costs no memory of its own.
struct RunningCallLinks {
  RunningCall* previous = nullptr;
  RunningCall* next = nullptr;
  bool is_listed = false;
};

class RunningCalls {
 public:
  void add(RunningCall& call);
  void remove(RunningCall& call);  // again: nothing happens
  std::vector<std::shared_ptr<RunningCall>> all() const;

 private:
  mutable std::mutex mutex_;  // guards the links of all calls, too
  RunningCall* first_ = nullptr;
};

}  // namespace nb::rpc

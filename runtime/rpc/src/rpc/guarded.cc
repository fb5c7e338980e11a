#include "rpc/guarded.h"

#include <exception>
#include <string>

#include <nb/base/log.h>

namespace nb::rpc {

namespace {

void report(std::string_view where, std::string_view what) noexcept {
  try {
    std::string line("an exception left a callback on ");
    line.append(where).append(": ").append(what);
    stderr_log()->log(Severity::kError, line);
  } catch (...) {
    // No memory for the message: nobody is left to tell.
  }
}

}  // namespace

void run_guarded(const std::function<void()>& task, std::string_view where) noexcept {
  try {
    task();
  } catch (const std::exception& exception) {
    report(where, exception.what());
  } catch (...) {
    report(where, "not a std::exception");
  }
}

}  // namespace nb::rpc

// Tasks of the program's on threads that must survive them.
#pragma once

#include <functional>
#include <string_view>

namespace nb::rpc {

// Runs the task. What it throws is logged to standard error, together with `where`, and goes no further.
void run_guarded(const std::function<void()>& task, std::string_view where) noexcept;

}  // namespace nb::rpc

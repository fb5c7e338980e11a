// The clock of the protocol core: it is told the time and never asks for it.
#pragma once

#include <chrono>

namespace nb::flow {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

}  // namespace nb::flow

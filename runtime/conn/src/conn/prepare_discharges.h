// How a manager gets the discharges that its default blessings need. Whoever makes the manager knows how; the rpc layer
// asks the dischargers.
#pragma once

#include <functional>

#include <nb/security/blessings.h>
#include <nb/security/discharge_fetcher.h>

namespace nb::conn {

// Calls back once, on any thread. Must come to an end by itself.
using PrepareDischarges = std::function<void(const Blessings&, std::function<void(PreparedDischarges)>)>;

}  // namespace nb::conn

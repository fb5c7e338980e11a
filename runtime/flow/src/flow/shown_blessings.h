// ShownBlessings: what one end of a connection or of a flow shows to the other, blessings and the discharges that go
// with them. A small value, cheap to copy.
#pragma once

#include <memory>
#include <utility>

#include <nb/security/blessings.h>
#include <nb/security/discharge.h>

namespace nb::flow {

struct ShownBlessings {
  ShownBlessings() = default;
  explicit ShownBlessings(Blessings blessings) : blessings(std::move(blessings)) {}
  ShownBlessings(Blessings blessings, Discharges discharges)
      : blessings(std::move(blessings)), discharges(std::make_shared<const Discharges>(std::move(discharges))) {}

  bool has_discharges() const { return discharges != nullptr && !discharges->empty(); }

  Blessings blessings;
  std::shared_ptr<const Discharges> discharges;  // null: none. Shared by copies; immutable
};

}  // namespace nb::flow

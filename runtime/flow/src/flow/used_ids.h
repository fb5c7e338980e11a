// UsedIds: which flow ids the peer has used, so that none is used twice (docs/spec/flow-protocol.md 7.1, 15.2).
//
// Ids need not come in order: a flow gets its id early and is opened with its first write. Kept are the highest id and
// the gaps below it. A peer that leaves very many gaps loses the oldest ones: they count as used.
#pragma once

#include <cstddef>
#include <map>

#include "flow/event.h"

namespace nb::flow {

class UsedIds {
 public:
  static constexpr std::size_t kMaxGaps = 4096;

  // Ids are first, first + 2, first + 4…
  explicit UsedIds(FlowId first) : next_(first), first_(first) {}

  // Marks the id as used. False: it is not one of these ids, or was used before.
  [[nodiscard]] bool use(FlowId id);
  bool was_used(FlowId id) const;
  std::size_t gaps() const { return gaps_.size(); }

 private:
  bool is_ours(FlowId id) const { return id >= first_ && id % 2 == first_ % 2; }

  FlowId next_;  // nothing from here on was used
  FlowId first_;
  std::map<FlowId, FlowId> gaps_;  // first to last unused id below next_
};

}  // namespace nb::flow

#include "flow/used_ids.h"

#include <limits>

namespace nb::flow {

bool UsedIds::use(FlowId id) {
  // The two highest ids are left out, so that next_ never wraps around.
  if (!is_ours(id) || id > std::numeric_limits<FlowId>::max() - 2) return false;
  if (id >= next_) {
    if (id > next_) gaps_.emplace(next_, id - 2);
    if (gaps_.size() > kMaxGaps) gaps_.erase(gaps_.begin());
    next_ = id + 2;
    return true;
  }
  auto gap = gaps_.upper_bound(id);
  if (gap == gaps_.begin()) return false;
  --gap;
  const auto [first, last] = *gap;
  if (id > last) return false;
  gaps_.erase(gap);
  if (first < id) gaps_.emplace(first, id - 2);
  if (id < last) gaps_.emplace(id + 2, last);
  if (gaps_.size() > kMaxGaps) gaps_.erase(gaps_.begin());
  return true;
}

bool UsedIds::was_used(FlowId id) const {
  if (!is_ours(id) || id >= next_) return false;
  const auto gap = gaps_.upper_bound(id);
  return gap == gaps_.begin() || std::prev(gap)->second < id;
}

}  // namespace nb::flow

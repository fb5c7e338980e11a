#include "flow/flow_list.h"

#include <nb/base/check.h>

#include "flow/flow_state.h"

namespace nb::flow {

void FlowList::push_back(FlowState& flow) {
  FlowLink& link = flow.*link_;
  NB_CHECK(link.list == nullptr, "a flow stands in one list by each of its links");
  link = {this, last_, nullptr};
  if (last_ == nullptr) {
    first_ = &flow;
  } else {
    (last_->*link_).next = &flow;
  }
  last_ = &flow;
  ++size_;
}

void FlowList::remove(FlowState& flow) {
  FlowLink& link = flow.*link_;
  NB_CHECK(link.list == this, "a flow is taken out of the list it stands in");
  if (link.previous == nullptr) {
    first_ = link.next;
  } else {
    (link.previous->*link_).next = link.next;
  }
  if (link.next == nullptr) {
    last_ = link.previous;
  } else {
    (link.next->*link_).previous = link.previous;
  }
  link = {};
  --size_;
}

FlowState* FlowList::pop_front() {
  FlowState* const flow = first_;
  if (flow != nullptr) remove(*flow);
  return flow;
}

}  // namespace nb::flow

// FlowList: a first-in-first-out list of flows that a flow can be taken out of at once, wherever it stands.
// The links live in the flows; a flow is in at most one list for each of its links.
#pragma once

#include <cstddef>

namespace nb::flow {

struct FlowState;
class FlowList;

struct FlowLink {
  FlowList* list = nullptr;
  FlowState* previous = nullptr;
  FlowState* next = nullptr;
};

class FlowList {
 public:
  // Which link of the flows this list uses.
  explicit FlowList(FlowLink FlowState::*link) : link_(link) {}
  FlowList(const FlowList&) = delete;
  FlowList& operator=(const FlowList&) = delete;

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }
  FlowState* front() const { return first_; }

  void push_back(FlowState& flow);  // in no list by this link
  void remove(FlowState& flow);     // in this list
  FlowState* pop_front();           // null when empty

 private:
  FlowLink FlowState::*link_;
  FlowState* first_ = nullptr;
  FlowState* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace nb::flow

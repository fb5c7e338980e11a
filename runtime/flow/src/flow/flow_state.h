// FlowState: everything a connection knows about one flow.
#pragma once

#include <optional>

#include "flow/event.h"
#include "flow/flow_list.h"
#include "flow/receive_window.h"
#include "flow/send_queue.h"
#include "flow/send_window.h"
#include "flow/shown_blessings.h"
#include "flow/time.h"

namespace nb::flow {

struct FlowState {
  FlowState(FlowId id, SendWindow send, ReceiveWindow receive) : id(id), send(send), receive(receive) {}
  FlowState(const FlowState&) = delete;
  FlowState& operator=(const FlowState&) = delete;

  FlowId id;
  SendWindow send;
  ReceiveWindow receive;
  SendQueue queue;

  ShownBlessings shown;  // of a flow opened here, until OpenFlow has left

  bool opened_here = false;
  bool is_on_wire = false;  // OpenFlow has left or has arrived
  bool side_channel = false;
  bool was_written = false;  // so it is to be opened, even when nothing is queued
  bool closes_after_queue = false;
  bool closed_by_peer = false;  // stays in the table until its unread bytes are consumed or given up
  bool has_sent = false;        // a Data of ours has left
  bool keeps_messages = false;  // each write leaves as one payload
  bool sends_clear = false;     // payloads leave in frames of their own that are not sealed…
  bool accepts_clear = false;   // …and may arrive so
  Duration channel_timeout{};
  std::optional<TimePoint> deadline;

  FlowLink sending;   // in the scheduler
  FlowLink granting;  // in the release ledger

  // The bytes of the next payload that cannot be sent in parts.
  std::size_t smallest_payload() const { return keeps_messages ? queue.first_chunk() : 1; }
  // How much of the queue the next payload takes.
  std::size_t next_payload(std::uint64_t tokens) const {
    if (!keeps_messages) return queue.next_payload(static_cast<std::size_t>(tokens));
    return queue.first_chunk() <= tokens ? queue.first_chunk() : 0;
  }

  bool has_something_to_send() const { return !queue.empty() || closes_after_queue || (was_written && !is_on_wire); }
};

}  // namespace nb::flow

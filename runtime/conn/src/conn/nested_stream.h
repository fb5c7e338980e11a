// NestedStream: a flow of one connection as the transport of another (docs/spec/flow-protocol.md 12.3 and 12.4). Each
// message on the flow is one frame of the nested connection, without a length before it.
//
//   LiveConnection (nested) ──► NestedStream ──► LiveFlow ──► LiveConnection (the carrier) ──► Stream ──► socket
//
// From the first frame on that follows its keys, the nested connection seals what it sends, and that crosses the
// carrier in the clear: nobody seals it a second time. Setup, and the TearDown of a handshake that got no keys, leave
// under the carrier's seal. What the peer sends is taken at once, as far as the flow's window reaches, and what leaves
// waits in the flow up to a bound. The end of the flow is the end of the stream, and the other way round.
//
// On the loop of the carrier, as everything of a flow.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "conn/connection.h"
#include "conn/event_loop.h"
#include "naming/endpoint.h"
#include "transport/stream.h"

namespace nb::conn {

// What nested frames need around a payload: the head of a message and the seal. Payloads of a nested connection are
// shorter by so much than what the carrier takes; twice what 12.4 asks for, for heads with long numbers.
inline constexpr std::uint64_t kNestedOverhead = 64;

class NestedStream final : public transport::MessageStream,
                           public FlowListener,
                           public std::enable_shared_from_this<NestedStream> {
 public:
  // `if_silent`: what it means when the peer closes the flow without having said anything.
  static std::shared_ptr<NestedStream> over(std::shared_ptr<Loop> loop, std::shared_ptr<Flow> flow,
                                            std::string if_silent);
  ~NestedStream() override;

  // MessageStream
  void read_messages(std::span<std::uint8_t> room, Message message, ReadDone done) override;
  void limit_messages(std::size_t) override {}  // the carrier's MTU is the limit, and they are in memory already
  Result<bool> try_write_message(std::span<const BytesView> slices) override;
  void sealed_from_now_on() override { is_sealed_ = true; }
  void when_writable(std::function<void()> done) override;
  void shut_down_writes() override;
  void close() override;
  void abort() override { close(); }
  const std::shared_ptr<Loop>& loop() const override { return loop_; }
  const std::string& protocol() const override { return carrier_.protocol; }
  const std::string& local_address() const override { return carrier_.address; }
  const std::string& remote_address() const override { return remote_.address; }

  // FlowListener
  void on_payload(Bytes payload) override;
  void on_drained() override;
  void on_closed(const Error& why) override;

 private:
  NestedStream(std::shared_ptr<Loop> loop, std::shared_ptr<Flow> flow, std::string if_silent);
  void plan_delivery();
  void deliver();
  void wake_writer();

  const std::shared_ptr<Loop> loop_;  // shared with all that lives on it
  const std::shared_ptr<Flow> flow_;  // shared with the carrier
  const std::string if_silent_;
  const naming::Endpoint carrier_;  // the carrier's ends
  const naming::Endpoint remote_;

  std::deque<Bytes> unread_;  // at most the flow's window
  Message message_;           // of the read under way
  ReadDone read_done_;
  std::function<void()> writable_;
  std::optional<Error> end_;  // of the flow; no error: orderly
  bool is_delivery_planned_ = false;
  bool has_read_ = false;   // anything
  bool is_sealed_ = false;  // what is written
  bool is_clear_ = false;   // so it leaves without the carrier's seal
  bool is_closed_ = false;
};

}  // namespace nb::conn

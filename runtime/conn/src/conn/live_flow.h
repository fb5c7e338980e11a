// LiveFlow: one flow of a LiveConnection, as users hold it. It keeps what arrives before somebody listens, and knows
// how many bytes its reader still owes the peer. On the connection's loop; dropped on any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "conn/connection.h"
#include "flow/event.h"

namespace nb::conn {

class LiveConnection;

class LiveFlow final : public Flow, public std::enable_shared_from_this<LiveFlow> {
 public:
  LiveFlow(std::shared_ptr<LiveConnection> connection, flow::FlowId id, flow::ShownBlessings local,
           flow::ShownBlessings remote);
  ~LiveFlow() override;

  // Flow
  std::uint64_t id() const override { return id_; }
  Connection& connection() override;
  const flow::ShownBlessings& local_shown() const override { return local_; }
  const flow::ShownBlessings& remote_shown() const override { return remote_; }
  void listen(std::weak_ptr<FlowListener> listener) override;
  Bytes take_first() override { return std::exchange(first_, {}); }
  void write(Bytes payload, bool close) override;
  std::size_t pending() const override;
  void carry_messages() override;
  void send_clear() override;
  std::size_t max_message() const override;
  void consumed(std::size_t n) override;
  void close() override;
  bool is_open() const override { return is_open_; }

  // What the connection has to tell.
  void tell_payload(Bytes payload);
  void tell_drained();
  void tell_closed(const Error& why);

 private:
  // The listener; a flow whose listener has gone is closed, and there is none.
  std::shared_ptr<FlowListener> reader();

  // Shared: a flow that somebody holds keeps its connection's object, though not the connection open.
  const std::shared_ptr<LiveConnection> connection_;
  const flow::FlowId id_;
  const flow::ShownBlessings local_;
  const flow::ShownBlessings remote_;
  std::weak_ptr<FlowListener> listener_;
  bool has_listener_ = false;
  bool is_open_ = true;
  bool is_finished_ = false;       // nothing more is told: closed here, or tell_closed came
  bool is_closed_untold_ = false;  // why_ waits for a listener
  Error why_;
  // What arrived before there was a listener: first_, and then those in early_, which few flows ever need.
  bool has_early() const { return !first_.empty() || (early_ != nullptr && !early_->empty()); }
  Bytes first_;
  std::unique_ptr<std::deque<Bytes>> early_;
  std::size_t unread_ = 0;  // bytes that arrived and are not consumed
};

}  // namespace nb::conn

// The part of a listener that all kinds of sockets share: accepting, and pausing while the system has no descriptors.
// Internal to tcp and unix.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/error.hpp>

#include "transport/errors.h"
#include "transport/loop_asio.h"
#include "transport/stream.h"

namespace nb::transport {

// P is asio::ip::tcp or asio::local::stream_protocol.
template <class P>
class SocketListener final : public Listener, public std::enable_shared_from_this<SocketListener<P>> {
 public:
  using Acceptor = typename P::acceptor;
  using Socket = typename P::socket;
  using MakeStream = std::function<std::shared_ptr<Stream>(const std::shared_ptr<Loop>&, Socket)>;

  // `make_stream` is called on the new stream's loop; `closed` on the listener's, after the socket is closed.
  SocketListener(std::shared_ptr<Loop> loop, std::string protocol, std::string address, Acceptor acceptor,
                 ListenEvents events, MakeStream make_stream, std::function<void()> closed)
      : loop_(std::move(loop)),
        protocol_(std::move(protocol)),
        address_(std::move(address)),
        events_(std::move(events)),
        make_stream_(std::move(make_stream)),
        closed_(std::move(closed)),
        acceptor_(std::move(acceptor)) {}

  void start() {
    loop_->post([self = this->shared_from_this()] { self->accept(); });
  }

  const std::string& protocol() const override { return protocol_; }
  const std::string& address() const override { return address_; }

  void close(std::function<void()> done) override {
    const bool posted = loop_->post([self = this->shared_from_this(), done] {
      self->close_now();
      if (done) done();
    });
    if (posted) return;
    // The loop has stopped, and nothing is accepted any more; but one of its turns may still be running.
    loop_->post_last([self = this->shared_from_this()] { self->close_now(); });
    if (done) done();
  }

 private:
  void accept() {
    if (!acceptor_.is_open()) return;
    auto loop = events_.pick_loop();
    const auto& executor = executor_of(*loop);
    // Everything weak: a handler that a stopped loop never runs must not keep that loop alive.
    acceptor_.async_accept(executor, [weak = this->weak_from_this(), weak_loop = std::weak_ptr<Loop>(loop)](
                                         const asio::error_code& error, Socket socket) {
      auto self = weak.lock();
      auto loop = weak_loop.lock();
      if (!self || !loop || !self->acceptor_.is_open()) return;
      self->loop_->turn([&] { self->accepted(std::move(loop), error, std::move(socket)); });
    });
  }

  void accepted(std::shared_ptr<Loop> loop, const asio::error_code& error, Socket socket) {
    if (error) return accept_failed(error);
    pause_ = kFirstPause;
    // The stream belongs to its own loop from here on; a std::function wants to be copied, so the socket is shared.
    auto handed = std::make_shared<Socket>(std::move(socket));
    loop->post([loop, handed, make_stream = make_stream_, accepted = events_.accepted] {
      accepted(make_stream(loop, std::move(*handed)));
    });
    accept();
  }

  void close_now() {
    loop_->forget(pause_timer_);
    asio::error_code ignored;
    acceptor_.close(ignored);
    events_ = {};
    if (const auto closed = std::exchange(closed_, nullptr)) closed();
  }

  void accept_failed(const asio::error_code& error) {
    if (error == asio::error::connection_aborted) return accept();  // that one has gone; the next may be there
    const Error why = network_error("accepting on " + protocol_ + " " + address_ + ": " + reason(error));
    if (is_final(error)) {
      if (const auto ended = events_.ended) ended(why);
      return;
    }
    // Out of descriptors or memory, most likely: trying again at once would only burn the processor.
    const bool is_out_of_descriptors =
        error == asio::error::no_descriptors || error == std::errc::too_many_files_open_in_system;
    if (const auto trouble = events_.trouble) trouble(why, is_out_of_descriptors);
    if (!acceptor_.is_open()) return;
    pause_timer_ = loop_->call_after(pause_, [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) self->accept();
    });
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  // What is wrong with the socket itself does not go away.
  static bool is_final(const asio::error_code& error) {
    return error == std::errc::bad_file_descriptor || error == std::errc::invalid_argument ||
           error == std::errc::not_a_socket || error == std::errc::operation_not_supported;
  }

  static constexpr std::chrono::milliseconds kFirstPause{5};
  static constexpr std::chrono::milliseconds kLongestPause{1000};

  const std::shared_ptr<Loop> loop_;  // shared: the acceptor needs it until the end
  const std::string protocol_;
  const std::string address_;
  ListenEvents events_;
  const MakeStream make_stream_;
  std::function<void()> closed_;
  std::chrono::milliseconds pause_ = kFirstPause;
  TimerId pause_timer_ = TimerId::kNone;
  Acceptor acceptor_;
};

}  // namespace nb::transport

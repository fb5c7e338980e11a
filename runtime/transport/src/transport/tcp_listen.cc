#include "transport/tcp_listen.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>

#include "transport/address.h"
#include "transport/errors.h"
#include "transport/loop_asio.h"
#include "transport/tcp_stream.h"

namespace nb::transport {
namespace {

using Tcp = asio::ip::tcp;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstPause = 5ms;
constexpr std::chrono::milliseconds kLongestPause = 1s;

class TcpListener final : public Listener, public std::enable_shared_from_this<TcpListener> {
 public:
  TcpListener(std::shared_ptr<Loop> loop, std::string protocol, ListenEvents events)
      : loop_(std::move(loop)),
        protocol_(std::move(protocol)),
        events_(std::move(events)),
        acceptor_(executor_of(*loop_)) {}

  Result<void> open(const Tcp::endpoint& where) {
    asio::error_code error;
    acceptor_.open(where.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    // `tcp` without a host means both families, where the system has IPv6.
    if (!error && where.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(protocol_ == "tcp6"), error);
    if (!error) acceptor_.bind(where, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    Tcp::endpoint bound;
    if (!error) bound = acceptor_.local_endpoint(error);
    if (error) return network_error("listening on " + protocol_ + " " + to_string(where) + ": " + reason(error));
    address_ = to_string(bound);
    return {};
  }

  void start() {
    loop_->post([self = shared_from_this()] { self->accept(); });
  }

  const std::string& protocol() const override { return protocol_; }
  const std::string& address() const override { return address_; }

  void close(std::function<void()> done) override {
    const bool posted = loop_->post([self = shared_from_this(), done] {
      self->close_now();
      if (done) done();
    });
    if (posted) return;
    // The loop has stopped, and nothing is accepted any more; but one of its turns may still be running.
    loop_->post_last([self = shared_from_this()] { self->close_now(); });
    if (done) done();
  }

 private:
  void accept() {
    if (!acceptor_.is_open()) return;
    auto loop = events_.pick_loop();
    const auto& executor = executor_of(*loop);
    // Everything weak: a handler that a stopped loop never runs must not keep that loop alive.
    acceptor_.async_accept(executor, [weak = weak_from_this(), weak_loop = std::weak_ptr<Loop>(loop)](
                                         const asio::error_code& error, Tcp::socket socket) {
      auto self = weak.lock();
      auto loop = weak_loop.lock();
      if (!self || !loop || !self->acceptor_.is_open()) return;
      self->loop_->turn([&] { self->accepted(std::move(loop), error, std::move(socket)); });
    });
  }

  void accepted(std::shared_ptr<Loop> loop, const asio::error_code& error, Tcp::socket socket) {
    if (error) return accept_failed(error);
    pause_ = kFirstPause;
    // The stream belongs to its own loop from here on; a std::function wants to be copied, so the socket is shared.
    auto handed = std::make_shared<Tcp::socket>(std::move(socket));
    loop->post([loop, handed, protocol = protocol_, accepted = events_.accepted] {
      accepted(make_tcp_stream(loop, std::move(*handed), protocol));
    });
    accept();
  }

  void close_now() {
    loop_->forget(pause_timer_);
    asio::error_code ignored;
    acceptor_.close(ignored);
    events_ = {};
  }

  void accept_failed(const asio::error_code& error) {
    if (error == asio::error::connection_aborted) return accept();  // that one has gone; the next may be there
    // Out of descriptors or memory, most likely: trying again at once would only burn the processor.
    events_.trouble(network_error("accepting on " + protocol_ + " " + address_ + ": " + reason(error)));
    if (!acceptor_.is_open()) return;
    pause_timer_ = loop_->call_after(pause_, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->accept();
    });
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  const std::shared_ptr<Loop> loop_;  // shared: the acceptor needs it until the end
  const std::string protocol_;
  ListenEvents events_;
  std::string address_;
  std::chrono::milliseconds pause_ = kFirstPause;
  TimerId pause_timer_ = TimerId::kNone;
  Tcp::acceptor acceptor_;
};

Result<Tcp::endpoint> place(const std::string& protocol, const std::string& address) {
  auto where = split_host_port(address);
  if (!where) return where.error();
  const bool six = protocol == "tcp6";
  if (where->host == "localhost") {
    if (six) return Tcp::endpoint(asio::ip::address_v6::loopback(), where->port);
    return Tcp::endpoint(asio::ip::address_v4::loopback(), where->port);
  }
  if (where->host.empty()) {
    return six ? Tcp::endpoint(Tcp::v6(), where->port) : Tcp::endpoint(Tcp::v4(), where->port);
  }
  asio::error_code error;
  const auto literal = asio::ip::make_address(where->host, error);
  if (error) {
    return bad_arg("listening on `" + address + "`: the host must be an IP address of this machine or `localhost`");
  }
  if ((protocol == "tcp4" && !literal.is_v4()) || (six && !literal.is_v6())) {
    return bad_arg("listening on " + protocol + " `" + address + "`: the address is of the other family");
  }
  return Tcp::endpoint(literal, where->port);
}

}  // namespace

Result<std::shared_ptr<Listener>> listen_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                             const std::string& address, ListenOptions options, ListenEvents events) {
  auto where = place(protocol, address);
  if (!where) return where.error();
  if (options.loopback_only && !where->address().is_loopback()) {
    return bad_arg("listening on " + protocol + " `" + address +
                   "`: not a loopback address, and without authentication nothing else is bound");
  }
  auto listener = std::make_shared<TcpListener>(loop, protocol, std::move(events));
  if (auto opened = listener->open(*where); !opened) return opened.error();
  listener->start();
  return std::shared_ptr<Listener>(std::move(listener));
}

}  // namespace nb::transport

#include "transport/tcp_dial.h"

#include <optional>
#include <utility>
#include <vector>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include "transport/address.h"
#include "transport/errors.h"
#include "transport/loop_asio.h"
#include "transport/tcp_stream.h"

namespace nb::transport {
namespace {

using Tcp = asio::ip::tcp;

// Handlers hold it weakly, so dropping the handle ends everything.
class TcpDialing final : public Dialing, public std::enable_shared_from_this<TcpDialing> {
 public:
  TcpDialing(std::shared_ptr<Loop> loop, std::string protocol, std::string address, DialOptions options, DialDone done)
      : loop_(std::move(loop)),
        protocol_(std::move(protocol)),
        target_(protocol_ + " " + address),
        address_(std::move(address)),
        options_(options),
        done_(std::move(done)),
        resolver_(executor_of(*loop_)),
        socket_(executor_of(*loop_)) {}

  ~TcpDialing() override { loop_->forget(timer_); }

  void start() {
    if (options_.deadline) {
      timer_ = loop_->call_at(*options_.deadline, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->finish(dial_timed_out(self->target_));
      });
    }
    auto where = split_host_port(address_);
    if (!where) return finish_later(where.error());
    if (where->port == 0) return finish_later(dial_failed("dialing " + target_ + ": nobody listens on port 0"));
    asio::error_code not_literal;
    const auto literal = asio::ip::make_address(where->host, not_literal);
    if (!not_literal) {
      candidates_.emplace_back(literal, where->port);
      return connect_next();
    }
    if (where->host.empty()) {  // as Go has it: this machine
      candidates_.emplace_back(asio::ip::address_v4::loopback(), where->port);
      candidates_.emplace_back(asio::ip::address_v6::loopback(), where->port);
      return connect_next();
    }
    resolver_.async_resolve(
        where->host, std::to_string(where->port), asio::ip::resolver_base::numeric_service,
        [weak = weak_from_this()](const asio::error_code& error, Tcp::resolver::results_type found) {
          if (auto self = weak.lock()) self->loop_->turn([&] { self->resolved(error, found); });
        });
  }

 private:
  void resolved(const asio::error_code& error, const Tcp::resolver::results_type& found) {
    if (!done_) return;
    if (error) return finish(resolve_failed("dialing " + target_ + ": " + reason(error)));
    for (const auto& entry : found) candidates_.push_back(entry.endpoint());
    connect_next();
  }

  bool is_wanted(const Tcp::endpoint& candidate) const {
    if (protocol_ == "tcp4") return candidate.address().is_v4();
    if (protocol_ == "tcp6") return candidate.address().is_v6();
    return true;
  }

  void connect_next() {
    while (next_ < candidates_.size() && !is_wanted(candidates_[next_])) ++next_;
    if (next_ == candidates_.size()) {
      if (last_error_) return finish_later(*last_error_);
      return finish_later(dial_failed("dialing " + target_ + ": no address of that family"));
    }
    const Tcp::endpoint candidate = candidates_[next_++];
    asio::error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(candidate, [weak = weak_from_this(), candidate](const asio::error_code& error) {
      if (auto self = weak.lock()) self->loop_->turn([&] { self->connected(candidate, error); });
    });
  }

  void connected(const Tcp::endpoint& candidate, const asio::error_code& error) {
    if (!done_) return;
    if (!error && !is_connected_to_itself(candidate)) {
      return finish(make_tcp_stream(loop_, std::move(socket_), protocol_));
    }
    const std::string why = error ? reason(error) : "connection refused";
    const std::string at = to_string(candidate) == address_ ? "" : " at " + to_string(candidate);
    last_error_ =
        error == asio::error::timed_out ? dial_timed_out(target_) : dial_failed("dialing " + target_ + at + ": " + why);
    connect_next();
  }

  // Dialing a free port of this machine may pick that very port as its own and meet itself.
  bool is_connected_to_itself(const Tcp::endpoint& candidate) const {
    asio::error_code ignored;
    return candidate.address().is_loopback() && socket_.local_endpoint(ignored) == candidate;
  }

  void finish_later(Error error) {
    loop_->post([weak = weak_from_this(), error = std::move(error)] {
      if (auto self = weak.lock()) self->finish(error);
    });
  }

  void finish(Result<std::shared_ptr<Stream>> result) {
    if (!done_) return;
    loop_->forget(timer_);
    resolver_.cancel();
    asio::error_code ignored;
    socket_.close(ignored);
    std::exchange(done_, nullptr)(std::move(result));
  }

  const std::shared_ptr<Loop> loop_;  // shared: the sockets need it until the end
  const std::string protocol_;
  const std::string target_;
  const std::string address_;
  const DialOptions options_;
  DialDone done_;  // empty: finished
  TimerId timer_ = TimerId::kNone;
  Tcp::resolver resolver_;
  Tcp::socket socket_;
  std::vector<Tcp::endpoint> candidates_;
  std::size_t next_ = 0;
  std::optional<Error> last_error_;
};

}  // namespace

std::shared_ptr<Dialing> dial_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                  const std::string& address, DialOptions options, DialDone done) {
  auto dialing = std::make_shared<TcpDialing>(loop, protocol, address, options, std::move(done));
  dialing->start();
  return dialing;
}

}  // namespace nb::transport

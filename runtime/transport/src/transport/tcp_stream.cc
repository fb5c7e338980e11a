#include "transport/tcp_stream.h"

#include <array>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <asio/buffer.hpp>

#include <nb/base/check.h>

#include "transport/address.h"
#include "transport/errors.h"

namespace nb::transport {
namespace {

constexpr int kKeepAliveSeconds = 30;
constexpr std::size_t kSlicesPerCall = 256;  // the system takes 1024

void set_option(int socket, int level, int name, int value) {
  // A socket without the option still works; there is nobody to tell.
  (void)::setsockopt(socket, level, name, &value, sizeof value);
}

using Socket = asio::generic::stream_protocol::socket;

class SocketStream final : public Stream, public std::enable_shared_from_this<SocketStream> {
 public:
  SocketStream(std::shared_ptr<Loop> loop, Socket socket, std::string protocol, std::string local, std::string remote)
      : loop_(std::move(loop)),
        socket_(std::move(socket)),
        protocol_(std::move(protocol)),
        local_(std::move(local)),
        remote_(std::move(remote)) {
    asio::error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  void read_some(std::span<std::uint8_t> into, ReadDone done) override {
    NB_CHECK(!read_done_, "one read at a time");
    read_done_ = std::move(done);
    socket_.async_read_some(asio::buffer(into.data(), into.size()),
                            [weak = weak_from_this()](const asio::error_code& error, std::size_t n) {
                              if (auto self = weak.lock()) self->read_ended(error, n);
                            });
  }

  void peek(PeekDone done) override {
    NB_CHECK(!read_done_, "one read at a time");
    // As a read of one byte that leaves it there.
    read_done_ = [this, done = std::move(done)](const Result<std::size_t>& n) {
      if (!n) return done(n.error());
      done(*n == 0 ? std::optional<std::uint8_t>() : peeked_);
    };
    socket_.async_receive(asio::buffer(&peeked_, 1), Socket::message_peek,
                          [weak = weak_from_this()](const asio::error_code& error, std::size_t n) {
                            if (auto self = weak.lock()) self->read_ended(error, n);
                          });
  }

  Result<std::size_t> try_write(std::span<const BytesView> slices) override {
    if (!socket_.is_open()) return network_error("writing to " + remote_ + ": the connection is closed");
    std::size_t written = 0;
    while (!slices.empty()) {
      std::array<iovec, kSlicesPerCall> vectors;
      const std::size_t count = std::min(slices.size(), kSlicesPerCall);
      std::size_t wanted = 0;
      for (std::size_t i = 0; i < count; ++i) {
        vectors[i] = {const_cast<std::uint8_t*>(slices[i].data()), slices[i].size()};
        wanted += slices[i].size();
      }
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = count;
      const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) {
        const std::error_code error(errno, std::generic_category());
        if (error == std::errc::interrupted) continue;
        if (error == std::errc::resource_unavailable_try_again || error == std::errc::operation_would_block) break;
        return network_error("writing to " + remote_ + ": " + reason(error));
      }
      written += static_cast<std::size_t>(n);
      if (static_cast<std::size_t>(n) < wanted) break;
      slices = slices.subspan(count);
    }
    return written;
  }

  void when_writable(std::function<void()> done) override {
    NB_CHECK(!write_done_, "one wait for room at a time");
    write_done_ = std::move(done);
    socket_.async_wait(Socket::wait_write, [weak = weak_from_this()](const asio::error_code&) {
      auto self = weak.lock();
      if (!self || !self->write_done_) return;
      self->loop_->turn([&self] { std::exchange(self->write_done_, nullptr)(); });
    });
  }

  void shut_down_writes() override {
    asio::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  void close() override {
    read_done_ = nullptr;
    write_done_ = nullptr;
    asio::error_code ignored;
    socket_.close(ignored);
  }

  void abort() override {
    asio::error_code ignored;
    if (socket_.is_open()) socket_.set_option(asio::socket_base::linger(true, 0), ignored);  // the peer gets a reset
    close();
  }

  const std::shared_ptr<Loop>& loop() const override { return loop_; }
  const std::string& protocol() const override { return protocol_; }
  const std::string& local_address() const override { return local_; }
  const std::string& remote_address() const override { return remote_; }

 private:
  void read_ended(const asio::error_code& error, std::size_t n) {
    if (!read_done_) return;  // closed meanwhile
    loop_->turn([&] {
      const ReadDone done = std::exchange(read_done_, nullptr);
      if (!error) return done(n);
      if (error == asio::error::eof) return done(std::size_t{0});
      done(network_error("reading from " + remote_ + ": " + reason(error)));
    });
  }

  const std::shared_ptr<Loop> loop_;  // shared: the socket needs it until the end; so it stands before the socket
  Socket socket_;
  const std::string protocol_;
  const std::string local_;
  const std::string remote_;
  std::uint8_t peeked_ = 0;
  ReadDone read_done_;
  std::function<void()> write_done_;
};

}  // namespace

std::shared_ptr<Stream> make_tcp_stream(std::shared_ptr<Loop> loop, asio::ip::tcp::socket socket,
                                        std::string protocol) {
  asio::error_code ignored;
  std::string local = to_string(socket.local_endpoint(ignored));
  std::string remote = to_string(socket.remote_endpoint(ignored));
  const int native = socket.native_handle();
  set_option(native, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(native, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(native, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveSeconds);
  set_option(native, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveSeconds);
  return make_socket_stream(std::move(loop), std::move(socket), std::move(protocol), std::move(local),
                            std::move(remote));
}

std::shared_ptr<Stream> make_socket_stream(std::shared_ptr<Loop> loop, Socket socket, std::string protocol,
                                           std::string local, std::string remote) {
  return std::make_shared<SocketStream>(std::move(loop), std::move(socket), std::move(protocol), std::move(local),
                                        std::move(remote));
}

std::string to_string(const asio::ip::tcp::endpoint& endpoint) {
  return join_host_port(endpoint.address().to_string(), endpoint.port());
}

}  // namespace nb::transport

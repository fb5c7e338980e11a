#include "transport/unix.h"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <asio/local/stream_protocol.hpp>

#include "transport/errors.h"
#include "transport/loop_asio.h"
#include "transport/socket_listener.h"
#include "transport/tcp_stream.h"
#include "transport/unix_socket.h"

namespace nb::transport {
namespace {

using Local = asio::local::stream_protocol;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFullPause = 10ms;  // when as many dials wait as the listener lets wait

constexpr const char* kUnix = "unix";

std::shared_ptr<Stream> make_stream(const std::shared_ptr<Loop>& loop, Local::socket socket, const std::string& local,
                                    const std::string& remote) {
  return make_socket_stream(loop, std::move(socket), kUnix, local, remote);
}

// A connect to a unix socket ends at once; only a full queue is worth waiting for.
class UnixDialing final : public Dialing, public std::enable_shared_from_this<UnixDialing> {
 public:
  UnixDialing(std::shared_ptr<Loop> loop, std::string address, DialOptions options, DialDone done)
      : loop_(std::move(loop)), text_(std::move(address)), options_(options), done_(std::move(done)) {}

  ~UnixDialing() override { loop_->forget(timer_); }

  void start() {
    loop_->post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->connect();
    });
  }

 private:
  void connect() {
    const auto address = parse_unix_address(text_);
    if (!address) return finish(address.error());
    Descriptor socket = open_unix_socket();
    if (socket.get() < 0) return fail(errno);
    if (::connect(socket.get(), address->get(), address->size) == 0) {
      Local::socket connected(executor_of(*loop_), Local(), socket.release());
      // The dialing end has no name of its own.
      return finish(make_stream(loop_, std::move(connected), "dialer of " + text_, text_));
    }
    if (errno != EAGAIN) return fail(errno);
    if (options_.deadline && loop_->clock()->now() >= *options_.deadline)
      return finish(dial_timed_out("unix " + text_));
    timer_ = loop_->call_after(kFullPause, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->connect();
    });
  }

  void fail(int number) {
    const std::error_code error(number, std::generic_category());
    finish(dial_failed("dialing unix " + text_ + ": " + reason(error)));
  }

  void finish(Result<std::shared_ptr<Stream>> result) { std::exchange(done_, nullptr)(std::move(result)); }

  const std::shared_ptr<Loop> loop_;  // shared: the socket needs it until the end
  const std::string text_;
  const DialOptions options_;
  DialDone done_;
  TimerId timer_ = TimerId::kNone;
};

// Unix sockets never leave the machine, so that there is nothing to refuse when only this one may be reached.
class UnixProtocol final : public Protocol {
 public:
  std::shared_ptr<Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string&, const std::string& address,
                                DialOptions options, DialDone done) override {
    auto dialing = std::make_shared<UnixDialing>(loop, address, options, std::move(done));
    dialing->start();
    return dialing;
  }

  Result<std::shared_ptr<Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string&,
                                           const std::string& text, ListenEvents events) override {
    const auto address = parse_unix_address(text);
    if (!address) return address.error();
    auto listening = listen_unix_socket(*address);
    if (!listening) return listening.error();
    Local::acceptor acceptor(executor_of(*loop), Local(), listening->socket.release());
    const auto accepted = [local = address->text](const std::shared_ptr<Loop>& on, Local::socket socket) {
      return make_stream(on, std::move(socket), local, "dialer of " + local);
    };
    const auto closed = [address = *address, device = listening->device, inode = listening->inode] {
      unlink_unix_socket(address, device, inode);
    };
    auto listener = std::make_shared<SocketListener<Local>>(loop, kUnix, address->text, std::move(acceptor),
                                                            std::move(events), accepted, closed);
    listener->start();
    return std::shared_ptr<Listener>(std::move(listener));
  }
};

}  // namespace

std::shared_ptr<Protocol> make_unix() { return std::make_shared<UnixProtocol>(); }

}  // namespace nb::transport

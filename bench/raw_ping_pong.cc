#include "raw_ping_pong.h"

#include <future>
#include <thread>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

namespace bench {

namespace {

using asio::ip::tcp;

// Sends back whatever comes.
class Echo {
 public:
  explicit Echo(tcp::socket socket) : socket_(std::move(socket)), buffer_(64 * 1024) { read(); }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [this](std::error_code error, std::size_t n) {
      if (error) return;
      asio::async_write(socket_, asio::buffer(buffer_, n), [this](std::error_code write_error, std::size_t) {
        if (!write_error) read();
      });
    });
  }

  tcp::socket socket_;
  std::vector<char> buffer_;
};

// Keeps `in_flight` messages on their way until `count` have come back.
class Pinger {
 public:
  Pinger(tcp::socket& socket, std::size_t message_size) : socket_(socket), size_(message_size), in_(64 * 1024) {}

  std::future<void> run(std::size_t count, std::size_t in_flight) {
    to_send_ = count;
    to_receive_ = count * size_;
    partial_ = 0;  // what the last run did not answer any more is not to be answered by this one
    done_ = std::promise<void>();
    send(in_flight);
    read();
    return done_.get_future();
  }

 private:
  void send(std::size_t messages) {
    messages = std::min(messages, to_send_);
    to_send_ -= messages;
    waiting_ += messages;
    if (waiting_ == 0 || writing_) return;
    writing_ = true;
    out_.assign(waiting_ * size_, 'x');
    waiting_ = 0;
    asio::async_write(socket_, asio::buffer(out_), [this](std::error_code, std::size_t) {
      writing_ = false;
      send(0);
    });
  }
  void read() {
    socket_.async_read_some(asio::buffer(in_), [this](std::error_code error, std::size_t n) {
      if (error) return;
      to_receive_ -= n;
      partial_ += n;
      if (to_receive_ == 0) return done_.set_value();
      send(partial_ / size_);
      partial_ %= size_;
      read();
    });
  }

  tcp::socket& socket_;
  const std::size_t size_;
  std::vector<char> in_;
  std::vector<char> out_;
  std::size_t to_send_ = 0;
  std::size_t waiting_ = 0;
  std::size_t to_receive_ = 0;
  std::size_t partial_ = 0;
  bool writing_ = false;
  std::promise<void> done_;
};

}  // namespace

struct RawPingPong::Ends {
  asio::io_context client_io;
  asio::io_context server_io;
  asio::executor_work_guard<asio::io_context::executor_type> client_work{client_io.get_executor()};
  asio::executor_work_guard<asio::io_context::executor_type> server_work{server_io.get_executor()};
  tcp::socket client{client_io};
  std::unique_ptr<Echo> echo;
  std::unique_ptr<Pinger> pinger;
  std::thread client_thread;
  std::thread server_thread;
};

RawPingPong::RawPingPong(std::size_t message_size) : ends_(std::make_unique<Ends>()) {
  tcp::acceptor acceptor(ends_->server_io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  ends_->client.connect(acceptor.local_endpoint());
  tcp::socket server = acceptor.accept();
  server.set_option(tcp::no_delay(true));
  ends_->client.set_option(tcp::no_delay(true));
  ends_->echo = std::make_unique<Echo>(std::move(server));
  ends_->pinger = std::make_unique<Pinger>(ends_->client, message_size);
  ends_->client_thread = std::thread([this] { ends_->client_io.run(); });
  ends_->server_thread = std::thread([this] { ends_->server_io.run(); });
}

RawPingPong::~RawPingPong() {
  ends_->client_io.stop();
  ends_->server_io.stop();
  ends_->client_thread.join();
  ends_->server_thread.join();
}

std::chrono::nanoseconds RawPingPong::run(std::size_t count, std::size_t in_flight) {
  const auto began = std::chrono::steady_clock::now();
  std::promise<std::future<void>> started;
  asio::post(ends_->client_io, [&] { started.set_value(ends_->pinger->run(count, in_flight)); });
  started.get_future().get().get();
  return std::chrono::steady_clock::now() - began;
}

}  // namespace bench

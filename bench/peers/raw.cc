// The yardstick: bytes over TCP with Asio, one thread at each end, neither keys nor flows.
//
// The first byte of a connection says what it is for: 'e' sends back what comes; 's' is followed by a number of bytes,
// little end first, and one byte comes back when so many have arrived, as often as one likes; 'f' the same the other
// way round.
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include "peer.h"

namespace {

using asio::ip::tcp;

constexpr std::size_t kBuffer = 64 * 1024;

void check(const std::error_code& error) {
  if (error) throw std::system_error(error);
}

// ---- server ----

class Served : public std::enable_shared_from_this<Served> {
 public:
  explicit Served(tcp::socket socket) : socket_(std::move(socket)) { socket_.set_option(tcp::no_delay(true)); }
  void start() {
    read_exactly(1, [this] {
      if (buffer_[0] == 'e') return echo();
      kind_ = buffer_[0];
      next_number();
    });
  }

 private:
  void read_exactly(std::size_t n, std::function<void()> then) {
    buffer_.resize(n);
    asio::async_read(socket_, asio::buffer(buffer_),
                     [self = shared_from_this(), then = std::move(then)](std::error_code error, std::size_t) {
                       if (!error) then();
                     });
  }
  void write(std::size_t n, std::function<void()> then) {
    asio::async_write(socket_, asio::buffer(buffer_, n),
                      [self = shared_from_this(), then = std::move(then)](std::error_code error, std::size_t) {
                        if (!error) then();
                      });
  }
  void echo() {
    buffer_.resize(kBuffer);
    echo_more();
  }
  void echo_more() {
    socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](std::error_code error, std::size_t n) {
      if (!error) self->write(n, [self] { self->echo_more(); });
    });
  }
  void next_number() {
    read_exactly(sizeof left_, [this] {
      std::memcpy(&left_, buffer_.data(), sizeof left_);
      buffer_.resize(kBuffer);
      if (kind_ == 's') return sink();
      feed();
    });
  }
  void sink() {
    if (left_ == 0) {
      buffer_.resize(1);
      return write(1, [this] { next_number(); });
    }
    socket_.async_read_some(asio::buffer(buffer_, std::min<std::uint64_t>(left_, buffer_.size())),
                            [self = shared_from_this()](std::error_code error, std::size_t n) {
                              if (error) return;
                              self->left_ -= n;
                              self->sink();
                            });
  }
  void feed() {
    if (left_ == 0) return next_number();
    const std::size_t n = std::min<std::uint64_t>(left_, buffer_.size());
    left_ -= n;
    write(n, [this] { feed(); });
  }

  tcp::socket socket_;
  std::vector<char> buffer_;
  char kind_ = 0;
  std::uint64_t left_ = 0;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](std::error_code error, tcp::socket socket) {
    if (error) return;
    std::make_shared<Served>(std::move(socket))->start();
    accept(acceptor);
  });
}

int serve() {
  asio::io_context io;
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  accept(acceptor);
  std::thread thread([&io] { io.run(); });
  bench::run_server(std::to_string(acceptor.local_endpoint().port()));
  io.stop();
  thread.join();
  return 0;
}

// ---- client ----

// A connection whose messages come back.
class Echoed {
 public:
  // `came` is called for each whole message.
  Echoed(tcp::socket socket, std::function<void()> came) : socket_(std::move(socket)), came_(std::move(came)) {}

  // Another message of this many bytes; those that are asked for before it can leave share a system call with it.
  void send(std::size_t size) {
    size_ = size;
    ++waiting_;
    if (!is_writing_ && !holds_back_) write();
    if (!std::exchange(is_reading_, true)) read();
  }

 private:
  void write() {
    out_.assign(waiting_ * size_, 'x');
    waiting_ = 0;
    is_writing_ = true;
    asio::async_write(socket_, asio::buffer(out_), [this](std::error_code error, std::size_t) {
      check(error);
      is_writing_ = false;
      if (waiting_ > 0) write();
    });
  }
  void read() {
    in_.resize(kBuffer);
    socket_.async_read_some(asio::buffer(in_), [this](std::error_code error, std::size_t n) {
      check(error);
      holds_back_ = true;  // what is sent for these leaves together
      for (partial_ += n; partial_ >= size_; partial_ -= size_) came_();
      holds_back_ = false;
      if (!is_writing_ && waiting_ > 0) write();
      read();
    });
  }

  tcp::socket socket_;
  std::function<void()> came_;
  std::vector<char> out_, in_;
  std::size_t size_ = 0, waiting_ = 0, partial_ = 0;
  bool is_writing_ = false, is_reading_ = false, holds_back_ = false;
};

class RawClient final : public bench::Client {
 public:
  explicit RawClient(const std::string& port)
      : server_(asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoul(port))) {}

  void open(std::size_t connections, std::size_t flows) override {
    if (flows != 1) throw bench::Unsupported();
    for (std::size_t i = 0; i < connections; ++i) {
      auto socket = connected('e');
      // Whoever has it must know it before the next one comes.
      char byte = 'x';
      asio::write(socket, asio::buffer(&byte, 1));
      asio::read(socket, asio::buffer(&byte, 1));
      echoed_.push_back(std::make_unique<Echoed>(std::move(socket), [this] { came(); }));
    }
  }

  void echo(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    to_send_ = to_come_ = count;
    size_ = size;
    latencies_ = in_flight == 1 ? &latencies : nullptr;
    for (std::size_t i = 0; i < in_flight; ++i) send_next();
    io_.restart();
    while (to_come_ > 0) io_.run_one();
  }

  void push(std::size_t count, std::size_t size) override {
    if (!sink_) sink_.emplace(connected('s'));
    const std::uint64_t total = std::uint64_t{count} * size;
    asio::write(*sink_, asio::buffer(&total, sizeof total));
    // Messages have no ends here: what one would send leaves together as far as there is room.
    const std::vector<char> chunk(kBuffer, 'x');
    for (std::uint64_t left = total; left > 0;) {
      left -= asio::write(*sink_, asio::buffer(chunk, std::min<std::uint64_t>(left, kBuffer)));
    }
    char done = 0;
    asio::read(*sink_, asio::buffer(&done, 1));
  }

  void feed(std::size_t count, std::size_t size) override {
    if (!source_) source_.emplace(connected('f'));
    const std::uint64_t total = std::uint64_t{count} * size;
    asio::write(*source_, asio::buffer(&total, sizeof total));
    std::vector<char> chunk(kBuffer);
    for (std::uint64_t left = total; left > 0;) left -= source_->read_some(asio::buffer(chunk));
  }

  void call(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    if (echoed_.empty()) open(1, 1);
    echo(count, size, in_flight, latencies);
  }

  void connect(std::size_t count, bench::Latencies& latencies) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      connected('e');
      latencies.add(began);
    }
  }
  void connect_and_call(std::size_t count, bench::Latencies& latencies) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      auto socket = connected('e');
      char byte = 'x';
      asio::write(socket, asio::buffer(&byte, 1));
      asio::read(socket, asio::buffer(&byte, 1));
      latencies.add(began);
    }
  }

 private:
  tcp::socket connected(char kind) {
    tcp::socket socket(io_);
    socket.connect(server_);
    socket.set_option(tcp::no_delay(true));
    asio::write(socket, asio::buffer(&kind, 1));
    return socket;
  }
  void send_next() {
    if (to_send_ == 0) return;
    --to_send_;
    began_ = bench::now();
    echoed_[next_++ % echoed_.size()]->send(size_);
  }
  void came() {
    if (latencies_ != nullptr) latencies_->add(began_);
    --to_come_;
    send_next();
  }

  asio::io_context io_;
  const tcp::endpoint server_;
  std::vector<std::unique_ptr<Echoed>> echoed_;
  std::optional<tcp::socket> sink_, source_;
  std::size_t next_ = 0, to_send_ = 0, to_come_ = 0, size_ = 0;
  bench::Latencies* latencies_ = nullptr;
  bench::Time began_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::allow_many_files();
  if (argc == 4 && std::string(argv[1]) == "server") return serve();
  if (argc != 5) return std::cerr << "bench/side_by_side starts this\n", 1;
  RawClient client(argv[4]);
  bench::run_client(client);
}

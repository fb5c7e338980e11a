// Our calls, with generated clients and servers: P-256 keys, blessings, one thread at each end, methods in place.
//
// Variants: "memory", with principals in memory; "folder", with credentials in folders, as most programs have them.
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <nb/asio.h>
#include <nb/rpc/client.h>
#include <nb/rpc/server.h>
#include <nb/security/authorizer.h>

#include "echo/echo.rpc.h"
#include "family.h"
#include "peer.h"

namespace {

class Quiet final : public nb::LogSink {
 public:
  void log(nb::Severity severity, std::string_view text) override {
    if (severity != nb::Severity::kInfo) std::cerr << text << '\n';
  }
};

nb::RuntimeOptions options(const std::string& variant, const std::string& folder, const std::string& name) {
  nb::RuntimeOptions options;
  options.log(std::make_shared<Quiet>());
  return options.principal(variant == "folder" ? bench::member_in_folder(folder, name) : bench::member(folder, name));
}

// ---- server ----

class Echo final : public echo::EchoServer {
 public:
  nb::Reply<nb::Bytes> Bytes(nb::ServerCall&, nb::Bytes data) override { return data; }

  nb::Reply<void> Chat(nb::ServerCall&, nb::ServerStream<nb::Bytes, nb::Bytes>& stream) override {
    while (auto item = co_await stream.recv()) {
      auto sent = co_await stream.send(std::move(*item));
      if (!sent) co_return sent.error();
    }
    co_return {};
  }

  nb::Reply<std::int64_t> Push(nb::ServerCall&, nb::ServerStream<nb::Bytes, void>& stream) override {
    std::int64_t bytes = 0;
    while (auto item = co_await stream.recv()) bytes += static_cast<std::int64_t>(item->size());
    co_return bytes;
  }

  nb::Reply<void> Feed(nb::ServerCall&, std::int64_t count, std::int64_t size,
                       nb::ServerStream<void, nb::Bytes>& stream) override {
    for (std::int64_t i = 0; i < count; ++i) {
      auto sent = co_await stream.send(nb::Bytes(static_cast<std::size_t>(size), 'x'));
      if (!sent) co_return sent.error();
    }
    co_return {};
  }
};

int serve(const std::string& variant, const std::string& folder) {
  bench::make_family(folder);
  const auto runtime = nb::Runtime::make(options(variant, folder, "server").threads(1)).value();
  nb::ServerOptions how;
  how.listen("tcp", "127.0.0.1:0").authorizer(nb::patterns_authorizer({nb::BlessingPattern("family")}));
  const auto server = runtime.serve(std::make_shared<Echo>(), how).value();
  bench::run_server(server.name());
  std::_Exit(0);
}

// ---- client ----

class CallClient final : public bench::Client {
 public:
  CallClient(const std::string& variant, const std::string& folder, std::string server)
      : server_(std::move(server)),
        options_(options(variant, folder, "client")),
        runtime_(nb::Runtime::make(nb::RuntimeOptions(options_).threads(1)).value()),
        client_(runtime_, server_),
        context_(runtime_.context()) {}

  void open(std::size_t connections, std::size_t flows) override {
    if (connections != 1) throw bench::Unsupported();
    for (std::size_t i = 0; i < flows; ++i) chats_.push_back(client_.Chat(context_));
    bench::Latencies latencies;
    echo(flows, 1, 1, latencies);
  }

  void echo(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    size_ = size;
    run(count, in_flight, latencies, [this](bench::Time began) {
      Chat& chat = chats_[next_++ % chats_.size()];
      chat.send(nb::Bytes(size_, 'x')).then([](nb::Result<void> sent) { check(sent); });
      chat.recv().then([this, began](nb::Next<nb::Bytes> item) {
        if (!item) check(nb::Result<void>(item.error()));
        came(began);
      });
    });
  }

  void call(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    const nb::Bytes data(size, 'x');
    if (in_flight == 1) {
      // As most programs do it: a thread that waits.
      for (std::size_t i = 0; i < count; ++i) {
        const auto began = bench::now();
        check(client_.Bytes(context_, data).get());
        latencies.add(began);
      }
      return;
    }
    run(count, in_flight, latencies, [this, &data](bench::Time began) {
      client_.Bytes(context_, data).then([this, began](nb::Result<nb::Bytes> answer) {
        check(answer);
        came(began);
      });
    });
  }

  void push(std::size_t count, std::size_t size) override {
    auto stream = client_.Push(context_);
    // Some at a time, so that what waits for the peer stays small.
    const std::size_t at_once = std::max<std::size_t>(1, std::min<std::size_t>(1000, 512 * 1024 / size));
    while (count > 0) {
      const std::size_t n = std::min(count, at_once);
      for (std::size_t i = 1; i < n; ++i) stream.send(nb::Bytes(size, 'x'));
      check(stream.send(nb::Bytes(size, 'x')).get());
      count -= n;
    }
    check(stream.finish().get());
  }

  void feed(std::size_t count, std::size_t size) override {
    auto stream = client_.Feed(context_, static_cast<std::int64_t>(count), static_cast<std::int64_t>(size));
    std::promise<void> done;
    const std::function<void(nb::Next<nb::Bytes>)> next = [&](nb::Next<nb::Bytes> item) {
      if (!item) return done.set_value();
      stream.recv().then(next);
    };
    stream.recv().then(next);
    done.get_future().get();
    check(stream.finish().get());
  }

  // A new runtime each time, without a thread of its own: it knows no connection, and no chain of certificates.
  void connect_and_call(std::size_t count, bench::Latencies& latencies) override {
    asio::io_context io;
    const auto work = asio::make_work_guard(io);
    std::thread thread([&io] { io.run(); });
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      auto runtime = nb::Runtime::make(nb::run_on(io.get_executor(), options_, 1)).value();
      check(echo::EchoClient(runtime, server_).Bytes(runtime.context(), nb::Bytes(1, 'x')).get());
      latencies.add(began);
    }
    io.stop();
    thread.join();
  }

 private:
  using Chat = nb::StreamCall<nb::Bytes, nb::Bytes, void>;

  template <class R>
  static void check(const nb::Result<R>& result) {
    if (result) return;
    std::cerr << result.error().message() << '\n';
    std::exit(1);
  }

  void run(std::size_t count, std::size_t in_flight, bench::Latencies& latencies,
           const std::function<void(bench::Time)>& start) {
    start_ = &start;
    latencies_ = &latencies;
    to_start_ = to_come_ = count;
    done_ = std::promise<void>();
    // On the runtime's thread, like all that follow.
    runtime_.executor().post([this, in_flight] {
      for (std::size_t i = 0; i < in_flight; ++i) start_next();
    });
    done_.get_future().get();
  }
  void start_next() {
    if (to_start_ == 0) return;
    --to_start_;
    (*start_)(bench::now());
  }
  void came(bench::Time began) {
    latencies_->add(began);
    if (--to_come_ == 0) return done_.set_value();
    start_next();
  }

  const std::string server_;
  const nb::RuntimeOptions options_;
  nb::Runtime runtime_;
  const echo::EchoClient client_;
  const nb::Context context_;
  std::vector<Chat> chats_;
  // On the runtime's thread while something runs.
  const std::function<void(bench::Time)>* start_ = nullptr;
  bench::Latencies* latencies_ = nullptr;
  std::size_t next_ = 0, size_ = 0, to_start_ = 0, to_come_ = 0;
  std::promise<void> done_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::allow_many_files();
  if (argc == 4 && std::string(argv[1]) == "server") return serve(argv[2], argv[3]);
  if (argc != 5) return std::cerr << "bench/side_by_side starts this\n", 1;
  auto* const client = new CallClient(argv[2], argv[3], argv[4]);
  bench::run_client(*client);
  std::_Exit(0);  // nothing here needs an orderly end
}

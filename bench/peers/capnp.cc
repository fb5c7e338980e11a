// Cap'n Proto in C++, by its short interface (ez-rpc): one thread at each end, no encryption, nobody proves who they
// are.
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include <capnp/ez-rpc.h>
#include <kj/async.h>
#include <kj/vector.h>

#include "capnp_echo.capnp.h"
#include "peer.h"

namespace {

using capnp_echo::Echo;
using capnp_echo::Sink;

class Served final : public Echo::Server {
 public:
  kj::Promise<void> bytes(BytesContext context) override {
    const auto data = context.getParams().getData();
    context.getResults(capnp::MessageSize{data.size() / 8 + 16, 0}).setData(data);
    return kj::READY_NOW;
  }

  kj::Promise<void> feed(FeedContext context) override {
    const auto params = context.getParams();
    return send(params.getSink(), params.getCount(), static_cast<std::size_t>(params.getSize()));
  }

 private:
  // As many at once as flow control lets go.
  static kj::Promise<void> send(Sink::Client sink, std::int64_t count, std::size_t size) {
    if (count == 0) return kj::READY_NOW;
    auto request = sink.itemRequest();
    auto data = request.initData(static_cast<capnp::uint>(size));
    std::fill(data.begin(), data.end(), 'x');
    return request.send().then([sink, count, size]() mutable { return send(kj::mv(sink), count - 1, size); });
  }
};

class Counted final : public Sink::Server {
 public:
  kj::Promise<void> item(ItemContext) override { return kj::READY_NOW; }
};

int serve() {
  // Its event loop is this thread's; commands are read on another one.
  capnp::EzRpcServer server(kj::heap<Served>(), "127.0.0.1", 0);
  auto& wait = server.getWaitScope();
  const unsigned port = server.getPort().wait(wait);
  std::thread commands([port] {
    bench::run_server("127.0.0.1:" + std::to_string(port));
    std::_Exit(0);
  });
  kj::NEVER_DONE.wait(wait);
}

class CapnpClient final : public bench::Client {
 public:
  explicit CapnpClient(std::string server) : server_(std::move(server)), client_(server_.c_str()) {}
  ~CapnpClient() noexcept override {}  // those of its members may throw

  void call(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    to_start_ = count;
    size_ = size;
    latencies_ = &latencies;
    kj::Vector<kj::Promise<void>> chains;
    for (std::size_t i = 0; i < in_flight; ++i) chains.add(next());
    kj::joinPromises(chains.releaseAsArray()).wait(client_.getWaitScope());
  }

  void feed(std::size_t count, std::size_t size) override {
    auto request = echo_.feedRequest();
    request.setCount(static_cast<std::int64_t>(count));
    request.setSize(static_cast<std::int64_t>(size));
    request.setSink(kj::heap<Counted>());
    request.send().wait(client_.getWaitScope());
  }

  void connect_and_call(std::size_t count, bench::Latencies& latencies) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      capnp::EzRpcClient client(server_.c_str());
      auto request = client.getMain<Echo>().bytesRequest();
      request.initData(1);
      request.send().wait(client.getWaitScope());
      latencies.add(began);
    }
  }

 private:
  kj::Promise<void> next() {
    if (to_start_ == 0) return kj::READY_NOW;
    --to_start_;
    const auto began = bench::now();
    auto request = echo_.bytesRequest(capnp::MessageSize{size_ / 8 + 16, 0});
    auto data = request.initData(static_cast<capnp::uint>(size_));
    std::fill(data.begin(), data.end(), 'x');
    return request.send().then([this, began](auto&&) {
      latencies_->add(began);
      return next();
    });
  }

  const std::string server_;
  capnp::EzRpcClient client_;
  Echo::Client echo_ = client_.getMain<Echo>();
  std::size_t to_start_ = 0, size_ = 0;
  bench::Latencies* latencies_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "server") return serve();
  if (argc != 5) return std::cerr << "bench/side_by_side starts this\n", 1;
  CapnpClient client(argv[4]);
  bench::run_client(client);
  std::_Exit(0);
}

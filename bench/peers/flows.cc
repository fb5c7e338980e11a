// Our connections and flows, without calls: managers as the runtime uses them, with P-256 keys and blessings, one
// thread at each end. The first byte of a flow says what it is for, as in raw.cc.
//
// Variants: "known", where both ends have met before and remember each other's chains of certificates; "strangers",
// where each connection is made by a client with keys and blessings that the server has never seen, and that has never
// seen the server's; "nacl", which is "known" with the suite that all peers of the protocol have.
#include <cstring>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <vector>

#include <nb/security/authorizer.h>

#include "conn/manager.h"
#include "family.h"
#include "naming/endpoint.h"
#include "peer.h"

namespace {

using nb::Bytes;
using nb::conn::Connection;
using nb::conn::Flow;
using nb::conn::Manager;

constexpr std::size_t kChunk = 64 * 1024;

class Quiet final : public nb::LogSink {
 public:
  void log(nb::Severity severity, std::string_view text) override {
    if (severity == nb::Severity::kError) std::cerr << text << '\n';
  }
};

nb::conn::ManagerOptions options(std::shared_ptr<nb::conn::EventLoop> loop,
                                 std::shared_ptr<const nb::Principal> principal, const std::string& variant) {
  nb::conn::ManagerOptions options(std::move(loop), std::move(principal));
  options.log = std::make_shared<Quiet>();
  if (variant == "nacl") options.offers_aes_gcm = false;
  return options;
}

// ---- server ----

// Keeps itself until its flow ends.
class Served final : public nb::conn::FlowListener {
 public:
  static void on(std::shared_ptr<Flow> flow) {
    const auto served = std::make_shared<Served>();
    served->flow_ = std::move(flow);
    served->self_ = served;
    served->flow_->listen(served);
  }

  void on_payload(Bytes payload) override {
    const std::size_t n = payload.size();
    take(std::move(payload));
    if (flow_ != nullptr) flow_->consumed(n);
  }
  void on_drained() override { feed(); }
  void on_closed(const nb::Error&) override {
    flow_ = nullptr;
    self_ = nullptr;
  }

 private:
  void take(Bytes payload) {
    if (kind_ == 0) {
      kind_ = payload.front();
      payload.erase(payload.begin());
      if (payload.empty()) return;
    }
    if (kind_ == 'e') return flow_->write(std::move(payload), false);
    std::size_t at = 0;
    while (at < payload.size()) {
      if (left_ == 0) {
        number_.push_back(payload[at++]);
        if (number_.size() < sizeof left_) continue;
        std::memcpy(&left_, number_.data(), sizeof left_);
        number_.clear();
        if (kind_ == 'f') return feed();
        continue;
      }
      const std::size_t n = std::min<std::uint64_t>(left_, payload.size() - at);
      at += n;
      left_ -= n;
      if (left_ == 0) flow_->write(Bytes(1, 'x'), false);
    }
  }
  void feed() {
    if (kind_ != 'f') return;
    for (int i = 0; i < 8 && left_ > 0; ++i) {
      const std::size_t n = std::min<std::uint64_t>(left_, kChunk);
      left_ -= n;
      flow_->write(Bytes(n, 'x'), false);
    }
  }

  std::shared_ptr<Flow> flow_;
  std::shared_ptr<Served> self_;
  std::uint8_t kind_ = 0;
  Bytes number_;
  std::uint64_t left_ = 0;
};

int serve(const std::string& variant, const std::string& folder) {
  bench::make_family(folder);
  const auto loop = nb::conn::EventLoop::make(1);
  auto made = options(loop, bench::member(folder, "server"), variant);
  made.acceptor = Served::on;
  made.routing_id.bytes.fill(1);
  made.limits.flows = 10'001;  // the flow that pushes comes on top of the others
  const auto manager = Manager::make(std::move(made));
  const auto endpoint = manager->listen("tcp", "127.0.0.1:0").value();
  bench::run_server(nb::naming::to_string(endpoint));
  std::promise<void> closed;
  manager->close([&closed] { closed.set_value(); });
  closed.get_future().get();
  loop->stop();
  return 0;
}

// ---- client ----

// What is told of a flow that sends back what it gets.
class Echoed final : public nb::conn::FlowListener {
 public:
  Echoed(std::shared_ptr<Flow> flow, std::function<void(std::size_t)> came)
      : flow_(std::move(flow)), came_(std::move(came)) {}
  void on_payload(Bytes payload) override {
    flow_->consumed(payload.size());
    came_(payload.size());
  }
  void on_drained() override {
    if (drained_) drained_();
  }
  void on_closed(const nb::Error& why) override {
    std::cerr << "a flow was closed: " << why.message() << '\n';
    std::exit(1);
  }
  Flow& flow() { return *flow_; }
  void when_drained(std::function<void()> told) { drained_ = std::move(told); }

 private:
  const std::shared_ptr<Flow> flow_;
  const std::function<void(std::size_t)> came_;
  std::function<void()> drained_;
};

class FlowClient final : public bench::Client {
 public:
  FlowClient(std::string variant, std::string folder, const std::string& server)
      : variant_(std::move(variant)),
        folder_(std::move(folder)),
        server_(nb::naming::parse_endpoint(server).value()),
        loop_(nb::conn::EventLoop::make(1)),
        principal_(bench::member(folder_, "client")),
        known_(std::make_shared<nb::ChainCache>()) {}

  void prepare(std::size_t count) override {
    if (variant_ == "strangers") managers_.clear();
    while (managers_.size() < count) managers_.push_back(make_manager());
  }

  void open(std::size_t connections, std::size_t flows) override {
    prepare(connections);
    for (std::size_t i = 0; i < connections; ++i) {
      const auto connection = dial(*managers_[i]);
      on(*connection, [&] {
        for (std::size_t f = 0; f < flows; ++f) {
          echoed_.push_back(listening(*connection, 'e', [this](std::size_t n) { came(n); }));
        }
      });
      connections_.push_back(connection);
    }
    // The server knows them when it has answered something that was sent behind them.
    bench::Latencies latencies;
    echo(connections * flows, 1, 1, latencies);
  }

  void echo(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    done_ = std::promise<void>();
    on(*connections_.front(), [&] {
      size_ = size;
      to_send_ = count;
      to_come_ = count * size;
      latencies_ = in_flight == 1 ? &latencies : nullptr;
      for (std::size_t i = 0; i < in_flight; ++i) send_next();
    });
    done_.get_future().get();
  }

  void push(std::size_t count, std::size_t size) override {
    prepare(1);
    if (pushed_ == nullptr) {
      const auto connection = connections_.empty() ? dial(*managers_[0]) : connections_.front();
      on(*connection, [&] { pushed_ = listening(*connection, 's', [this](std::size_t) { done_.set_value(); }); });
      connections_.push_back(connection);
    }
    done_ = std::promise<void>();
    on(*connections_.front(), [&] {
      const std::uint64_t total = std::uint64_t{count} * size;
      Bytes number(sizeof total);
      std::memcpy(number.data(), &total, sizeof total);
      pushed_->flow().write(std::move(number), false);
      to_send_ = count;
      size_ = size;
      pushed_->when_drained([this] { push_some(); });
      push_some();
    });
    done_.get_future().get();
  }

  void connect(std::size_t count, bench::Latencies& latencies) override { connect_each(count, false, latencies); }
  void connect_and_call(std::size_t count, bench::Latencies& latencies) override {
    connect_each(count, true, latencies);
  }

 private:
  std::shared_ptr<Manager> make_manager() {
    const bool is_stranger = variant_ == "strangers";
    auto made = options(loop_, is_stranger ? bench::member(folder_, "stranger") : principal_, variant_);
    if (!is_stranger) made.chain_cache = known_;
    return Manager::make(std::move(made));
  }

  std::shared_ptr<Connection> dial(Manager& manager) {
    std::promise<nb::Result<nb::conn::Dialed>> dialed;
    nb::conn::DialOptions options;
    options.authorizer = nb::endpoint_authorizer();
    manager.dial(server_, nb::Context(), options,
                 [&dialed](nb::Result<nb::conn::Dialed> got) { dialed.set_value(std::move(got)); });
    auto got = dialed.get_future().get();
    if (!got) throw std::runtime_error(std::string(got.error().message()));
    return got->connection;
  }

  // Runs it on the connection's thread, and waits.
  static void on(Connection& connection, const std::function<void()>& what) {
    std::promise<void> done;
    connection.post([&] {
      what();
      done.set_value();
    });
    done.get_future().get();
  }

  static std::shared_ptr<Echoed> listening(Connection& connection, std::uint8_t kind,
                                           std::function<void(std::size_t)> came) {
    auto flow = connection.open_flow().value();
    auto echoed = std::make_shared<Echoed>(flow, std::move(came));
    flow->listen(echoed);
    flow->write(Bytes(1, kind), false);
    return echoed;
  }

  void send_next() {
    if (to_send_ == 0) return;
    --to_send_;
    began_ = bench::now();
    echoed_[next_++ % echoed_.size()]->flow().write(Bytes(size_, 'x'), false);
  }
  void came(std::size_t bytes) {
    if (latencies_ != nullptr) latencies_->add(began_);
    to_come_ -= bytes;
    if (to_come_ == 0) return done_.set_value();
    // On one flow messages that leave together arrive as one payload.
    for (partial_ += bytes; partial_ >= size_; partial_ -= size_) send_next();
  }

  // Some at a time, so that what waits for the peer stays small.
  void push_some() {
    for (std::size_t bytes = 0; to_send_ > 0 && bytes < 512 * 1024; bytes += size_, --to_send_) {
      pushed_->flow().write(Bytes(size_, 'x'), false);
    }
  }

  void connect_each(std::size_t count, bool calls, bench::Latencies& latencies) {
    const bool is_stranger = variant_ == "strangers";
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      const auto connection = dial(*managers_[is_stranger ? i : 0]);
      std::shared_ptr<Echoed> echoed;
      if (calls) {
        std::promise<void> came;
        on(*connection, [&] {
          echoed = listening(*connection, 'e', [&came](std::size_t) { came.set_value(); });
          echoed->flow().write(Bytes(1, 'x'), false);
        });
        came.get_future().get();
      }
      latencies.add(began);
      on(*connection, [&] {
        if (echoed != nullptr) echoed->flow().close();
        connection->close(nb::verror::Canceled("measured"));
      });
    }
    if (is_stranger) managers_.clear();
  }

  const std::string variant_;
  const std::string folder_;
  const nb::naming::Endpoint server_;
  const std::shared_ptr<nb::conn::EventLoop> loop_;
  const std::shared_ptr<const nb::Principal> principal_;
  const std::shared_ptr<nb::ChainCache> known_;
  std::vector<std::shared_ptr<Manager>> managers_;  // one for each connection, which would be shared otherwise
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Echoed>> echoed_;
  std::shared_ptr<Echoed> pushed_;
  // On the loop, but for the time between runs.
  std::size_t next_ = 0, to_send_ = 0, to_come_ = 0, size_ = 1, partial_ = 0;
  bench::Latencies* latencies_ = nullptr;
  bench::Time began_;
  std::promise<void> done_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::allow_many_files();
  if (argc == 4 && std::string(argv[1]) == "server") return serve(argv[2], argv[3]);
  if (argc != 5) return std::cerr << "bench/side_by_side starts this\n", 1;
  FlowClient client(argv[2], argv[3], argv[4]);
  bench::run_client(client);
  std::_Exit(0);  // nothing here needs an orderly end
}

#include "rpc/call_metrics.h"

#include <chrono>
#include <string>
#include <utility>

#include <nb/rpc/server_call.h>

namespace nb::rpc {

namespace {

// The label of calls that ended before a method of ours was to run: what a stranger asks for is no name to be kept.
constexpr std::string_view kNoMethod = "-";

std::string_view error_label(const Error& error) { return error ? error.id() : std::string_view(); }

// The metrics of one side, made once; `side` is "client" or "server".
struct Side {
  Side(std::shared_ptr<Metrics> metrics_, std::shared_ptr<Clock> clock_, const std::string& side)
      : metrics(std::move(metrics_)),
        clock(std::move(clock_)),
        calls(metrics->counters("niobium_" + side + "_calls_total",
                                "Calls that have ended, by method and by the id of the error; no error: \"\".",
                                {"method", "error"})),
        seconds(
            metrics->histograms("niobium_" + side + "_call_seconds", "How long calls took, by method.", {"method"})),
        running(metrics->gauges("niobium_" + side + "_calls_running", "Calls that have not ended.").one()),
        sent_bytes(metrics
                       ->counters("niobium_" + side + "_sent_bytes_total",
                                  "Bytes of requests, items and answers, before encryption.")
                       .one()),
        received_bytes(metrics
                           ->counters("niobium_" + side + "_received_bytes_total",
                                      "Bytes of requests, items and answers, before encryption.")
                           .one()),
        sent_messages(
            metrics->counters("niobium_" + side + "_sent_messages_total", "Requests, items and answers.").one()),
        received_messages(
            metrics->counters("niobium_" + side + "_received_messages_total", "Requests, items and answers.").one()) {}

  void sent(std::size_t bytes) const {
    sent_bytes.add(bytes);
    sent_messages.add();
  }
  void received(std::size_t bytes) const {
    received_bytes.add(bytes);
    received_messages.add();
  }
  void ended(std::string_view method, const Error& error, Clock::Steady began) const {
    calls.with({method, error_label(error)}).add();
    seconds.with({method}).observe(std::chrono::duration<double>(clock->now() - began).count());
  }

  const std::shared_ptr<Metrics> metrics;  // shared with the program
  const std::shared_ptr<Clock> clock;      // shared with the runtime
  Family<Counter>& calls;
  Family<Histogram>& seconds;
  Gauge& running;
  Counter& sent_bytes;
  Counter& received_bytes;
  Counter& sent_messages;
  Counter& received_messages;
};

struct ClientSide : Side {
  ClientSide(std::shared_ptr<Metrics> metrics_, std::shared_ptr<Clock> clock_)
      : Side(std::move(metrics_), std::move(clock_), "client"),
        retries(metrics->counters("niobium_client_retries_total", "Further tries of calls, by method.", {"method"})),
        streams(metrics->gauges("niobium_client_streams_running", "Calls with streams that have not ended.").one()) {}
  Family<Counter>& retries;
  Gauge& streams;
};

class ClientMetrics final : public ClientInterceptor {
 public:
  ClientMetrics(std::shared_ptr<const ClientSide> side, const ClientCallInfo& call)
      : side_(std::move(side)), method_(call.method), has_streams_(call.has_streams), began_(side_->clock->now()) {}

  Error start(Context&) override {
    side_->running.add(1);
    if (has_streams_) side_->streams.add(1);
    return Error();
  }
  void sent(std::size_t bytes) override { side_->sent(bytes); }
  void received(std::size_t bytes) override { side_->received(bytes); }
  void failed(const Error&, RetryDecision decision) override {
    if (decision == RetryDecision::kRetries) side_->retries.with({method_}).add();
  }
  void end(const Error& error) override {
    side_->running.add(-1);
    if (has_streams_) side_->streams.add(-1);
    side_->ended(method_, error, began_);
  }

 private:
  const std::shared_ptr<const ClientSide> side_;  // shared by all calls
  const std::string method_;
  const bool has_streams_;
  const Clock::Steady began_;
};

class ServerMetrics final : public ServerInterceptor {
 public:
  explicit ServerMetrics(std::shared_ptr<const Side> side) : side_(std::move(side)), began_(side_->clock->now()) {}

  Error start(const IncomingRequest&, Context&) override {
    side_->running.add(1);
    return Error();
  }
  Error dispatch(const ServerCall& call) override {
    method_ = call.method();
    return Error();
  }
  void sent(std::size_t bytes) override { side_->sent(bytes); }
  void received(std::size_t bytes) override { side_->received(bytes); }
  void end(const Error& error) override {
    side_->running.add(-1);
    side_->ended(method_, error, began_);
  }

 private:
  const std::shared_ptr<const Side> side_;  // shared by all calls
  std::string method_{kNoMethod};
  const Clock::Steady began_;
};

}  // namespace

ClientInterceptorMaker client_metrics(std::shared_ptr<Metrics> metrics, std::shared_ptr<Clock> clock) {
  auto side = std::make_shared<const ClientSide>(std::move(metrics), std::move(clock));
  return [side = std::move(side)](const ClientCallInfo& call) { return std::make_unique<ClientMetrics>(side, call); };
}

ServerInterceptorMaker server_metrics(std::shared_ptr<Metrics> metrics, std::shared_ptr<Clock> clock) {
  auto side = std::make_shared<const Side>(std::move(metrics), std::move(clock), "server");
  return [side = std::move(side)](const IncomingRequest&) { return std::make_unique<ServerMetrics>(side); };
}

ConnectionCount::ConnectionCount(const std::shared_ptr<Metrics>& metrics, std::function<std::size_t()> count)
    : gauge_(metrics->gauges("niobium_connections", "Connections, those in their handshake among them.").one()) {
  token_ = metrics->before_reading([this, count = std::move(count)] {
    const auto now = static_cast<std::int64_t>(count());
    gauge_.add(now - std::exchange(counted_, now));
  });
}

ConnectionCount::~ConnectionCount() {
  token_.reset();
  gauge_.add(-counted_);
}

}  // namespace nb::rpc

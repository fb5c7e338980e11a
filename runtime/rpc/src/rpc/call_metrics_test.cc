#include "rpc/call_metrics.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include <nb/base/verror.h>

#include "rpc/testing/traced.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::Traced;

bool has(const Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.prometheus_text()).find("\n" + line + "\n") != std::string::npos;
}

struct Counted {
  std::shared_ptr<Metrics> client_metrics = Metrics::make();
  std::shared_ptr<Metrics> server_metrics = Metrics::make();
  Traced w{RuntimeOptions().metrics(server_metrics), RuntimeOptions().metrics(client_metrics)};
};

}  // namespace

TEST_CASE("both ends count calls by method and error, with how long they took") {
  Counted c;
  for (int i = 0; i < 3; ++i) CHECK(c.w.client.Add(c.w.context(), 1, 2).get());
  CHECK_FALSE(c.w.client.Div(c.w.context(), 1, 0).get());
  for (const std::string side : {"client", "server"}) {
    const Metrics& metrics = side == "client" ? *c.client_metrics : *c.server_metrics;
    CAPTURE(metrics.prometheus_text());
    CHECK(has(metrics, "niobium_" + side + "_calls_total{method=\"Add\",error=\"\"} 3"));
    CHECK(has(metrics, "niobium_" + side + "_calls_total{method=\"Div\",error=\"calc.DivideByZero\"} 1"));
    CHECK(has(metrics, "niobium_" + side + "_call_seconds_count{method=\"Add\"} 3"));
    CHECK(has(metrics, "niobium_" + side + "_calls_running 0"));
    CHECK(has(metrics, "niobium_" + side + "_sent_messages_total 4"));
    CHECK(has(metrics, "niobium_" + side + "_received_messages_total 4"));
  }
}

TEST_CASE("calls that run, their streams, their bytes and their further tries are counted") {
  Counted c;
  auto wait = c.w.client.Wait(c.w.context());
  auto count = c.w.client.Count(c.w.context(), 2);
  REQUIRE(eventually([&] { return c.w.service->waiting == 1; }));
  CHECK(has(*c.client_metrics, "niobium_client_calls_running 2"));
  CHECK(has(*c.client_metrics, "niobium_client_streams_running 1"));
  CHECK(eventually([&] { return has(*c.server_metrics, "niobium_server_calls_running 1"); }));
  wait.cancel();
  (void)wait.get();
  for ([[maybe_unused]] const auto item : count.items()) continue;
  CHECK(count.finish().get());
  CHECK(has(*c.client_metrics, "niobium_client_calls_running 0"));
  CHECK(has(*c.client_metrics, "niobium_client_streams_running 0"));
  CHECK(has(*c.client_metrics, "niobium_client_calls_total{method=\"Wait\",error=\"v.io/v23/verror.Canceled\"} 1"));
  auto& bytes = c.client_metrics->counters("niobium_client_sent_bytes_total", "").one();
  const std::uint64_t before = bytes.value();
  CHECK(c.w.client.Echo(c.w.context(), Bytes(1000)).get());
  CHECK(bytes.value() > before + 1000);
  CHECK(bytes.value() < before + 1100);
  CHECK(*c.w.client.Flaky(c.w.context(), 1).get() == 1);
  CHECK(has(*c.client_metrics, "niobium_client_retries_total{method=\"Flaky\"} 1"));
}

TEST_CASE("methods that strangers think up do not become labels of the server") {
  Counted c;
  const Client client(c.w.client_runtime);
  for (int i = 0; i < 20; ++i) {
    CHECK(verror::UnknownMethod.matches(
        client.call(c.w.context(), c.w.server.name(), "Invented" + std::to_string(i)).get().error()));
  }
  CHECK(c.server_metrics->prometheus_text().find("Invented") == std::string::npos);
  CHECK(has(*c.server_metrics, "niobium_server_calls_total{method=\"-\",error=\"v.io/v23/verror.UnknownMethod\"} 20"));
}

TEST_CASE("open connections are counted when somebody reads") {
  Counted c;
  CHECK(has(*c.client_metrics, "niobium_connections 0"));
  CHECK(c.w.client.Add(c.w.context(), 1, 2).get());
  CHECK(has(*c.client_metrics, "niobium_connections 1"));
  CHECK(has(*c.server_metrics, "niobium_connections 1"));
}

}  // namespace nb::rpc

#include <nb/observe/metrics.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace nb {

TEST_CASE("the text for Prometheus has each metric with its help, kind and series") {
  const auto metrics = Metrics::make();
  metrics->counters("calls_total", "Calls\nmade.", {"method", "error"}).with({"Add", ""}).add(3);
  metrics->counters("calls_total", "Calls\nmade.", {"method", "error"}).with({"A\"d\\d\n\xff", "x"}).add();
  metrics->gauges("running", "Running now.").one().set(-2);
  CHECK(metrics->prometheus_text() ==
        "# HELP calls_total Calls\\nmade.\n"
        "# TYPE calls_total counter\n"
        "calls_total{method=\"A\\\"d\\\\d??\",error=\"x\"} 1\n"
        "calls_total{method=\"Add\",error=\"\"} 3\n"
        "# HELP running Running now.\n"
        "# TYPE running gauge\n"
        "running -2\n");
}

TEST_CASE("a histogram counts what is at most each bound, and all of it") {
  const auto metrics = Metrics::make();
  auto& histogram = metrics->histograms("seconds", "Time.", {"m"}).with({"a"});
  histogram.observe(0.00005);
  histogram.observe(0.0005);
  histogram.observe(0.75);
  histogram.observe(100);
  const std::string text = metrics->prometheus_text();
  const auto has = [&](const std::string& line) { return text.find(line + "\n") != std::string::npos; };
  CHECK(has("seconds_bucket{m=\"a\",le=\"5e-05\"} 1"));
  CHECK(has("seconds_bucket{m=\"a\",le=\"0.0005\"} 2"));
  CHECK(has("seconds_bucket{m=\"a\",le=\"0.5\"} 2"));
  CHECK(has("seconds_bucket{m=\"a\",le=\"1\"} 3"));
  CHECK(has("seconds_bucket{m=\"a\",le=\"10\"} 3"));
  CHECK(has("seconds_bucket{m=\"a\",le=\"+Inf\"} 4"));
  CHECK(has("seconds_count{m=\"a\"} 4"));
  CHECK(has("seconds_sum{m=\"a\"} 100.75055"));
}

TEST_CASE("a metric has no more series than its cap, and what comes later is counted as other") {
  const auto metrics = Metrics::make();
  auto& calls = metrics->counters("calls_total", "", {"method"});
  for (std::size_t i = 0; i < 10 * Metrics::kMaxSeries; ++i) calls.with({"method" + std::to_string(i)}).add();
  CHECK(calls.with({"method0"}).value() == 1);
  CHECK(calls.with({"unheard of"}).value() == 9 * Metrics::kMaxSeries);
  CHECK(calls.with({"other"}).value() == 9 * Metrics::kMaxSeries);
  const std::string text = metrics->prometheus_text();
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == 2 + Metrics::kMaxSeries + 1);
}

TEST_CASE("values of labels are cut, and cannot forge others") {
  const auto metrics = Metrics::make();
  auto& calls = metrics->counters("calls_total", "", {"a", "b"});
  calls.with({std::string(100000, 'x'), ""}).add();
  calls.with({std::string("y\0z", 3), "w"}).add();
  const std::string text = metrics->prometheus_text();
  CHECK(text.find("calls_total{a=\"" + std::string(Metrics::kMaxLabelValue, 'x') + "\",b=\"\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("calls_total{a=\"y?z\",b=\"w\"} 1\n") != std::string::npos);
}

TEST_CASE("gauges that are looked up are looked up before each reading, until the token goes") {
  const auto metrics = Metrics::make();
  auto& gauge = metrics->gauges("connections", "").one();
  auto token = metrics->before_reading([&] { gauge.add(1); });
  (void)metrics->prometheus_text();
  (void)metrics->prometheus_text();
  CHECK(gauge.value() == 2);
  token.reset();
  (void)metrics->prometheus_text();
  CHECK(gauge.value() == 2);
}

TEST_CASE("many threads count without losing anything") {
  const auto metrics = Metrics::make();
  auto& family = metrics->counters("n", "", {"who"});
  auto& histogram = metrics->histograms("h", "").one();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5000; ++i) {
        family.with({std::to_string((i + t) % 7)}).add();
        histogram.observe(0.5);
      }
    });
  }
  for (int i = 0; i < 20; ++i) (void)metrics->prometheus_text();
  for (auto& thread : threads) thread.join();
  std::uint64_t sum = 0;
  for (int i = 0; i < 7; ++i) sum += family.with({std::to_string(i)}).value();
  CHECK(sum == 20000);
  CHECK(histogram.count() == 20000);
  CHECK(histogram.sum() == 10000);
}

}  // namespace nb

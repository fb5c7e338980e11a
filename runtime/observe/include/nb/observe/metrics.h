// Metrics: counters, gauges and histograms, and their text for Prometheus.
//
//   auto metrics = nb::Metrics::make();
//   auto runtime = nb::Runtime::make(nb::RuntimeOptions().metrics(metrics)).value();   // counts calls from now on
//   nb::Counter& orders = metrics->counters("shop_orders_total", "Orders taken.", {"kind"}).with({"book"});
//   orders.add();
//   answer_http(metrics->prometheus_text());       // served as the program likes; "text/plain; version=0.0.4"
//
// What a runtime counts is listed in docs/metrics.md. Without metrics() nothing is counted, and calls cost no more.
//
// A metric has one series for each set of values that its labels take, and values may come from peers: at most
// kMaxSeries of them, in the order in which they came up; what comes later is counted in one more, whose labels all
// have the value "other". So no peer can fill our memory by thinking up names.
//
// Safe from any thread; adding and observing take no lock. References stay good as long as the Metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nb {

// Only grows.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// How often values lay between which bounds. In seconds, when it is about time.
class Histogram {
 public:
  // Upper bounds, each included: from 50 µs to 10 s, and without end.
  static constexpr std::array<double, 17> kBounds = {5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025,
                                                     0.05, 0.1,  0.25,   0.5,  1,    2.5,    5,    10};

  void observe(double value);
  std::uint64_t count() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }
  std::uint64_t bucket(std::size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<double> sum_ = 0;
};

// One metric with all its series. Kind: Counter, Gauge or Histogram.
template <class Kind>
class Family {
 public:
  // One value for each label, cut to kMaxLabelValue bytes. Finds or makes the series, under a lock: keep the reference
  // where that matters. Another number of values than labels is a bug of the program, and stops it.
  Kind& with(std::initializer_list<std::string_view> values);
  // Of a metric without labels.
  Kind& one() { return with({}); }
  ~Family();

 private:
  friend class Metrics;
  struct Series;
  explicit Family(std::size_t labels);
  const std::unique_ptr<Series> series_;
};

class Metrics final {
 public:
  static constexpr std::size_t kMaxSeries = 500;      // of one metric
  static constexpr std::size_t kMaxLabelValue = 128;  // bytes

  static std::shared_ptr<Metrics> make();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Finds or makes the metric. Names and labels are of letters, digits and "_", and do not begin with
  // a digit; the same name with another kind or other labels is
  // a bug of the program, and stops it.
  Family<Counter>& counters(std::string_view name, std::string_view help, std::vector<std::string> labels = {});
  Family<Gauge>& gauges(std::string_view name, std::string_view help, std::vector<std::string> labels = {});
  Family<Histogram>& histograms(std::string_view name, std::string_view help, std::vector<std::string> labels = {});

  // Called before each reading, to set gauges that are cheaper to look up than to keep; until the token is dropped,
  // which waits for a call that is under way. Must not read these metrics
  // or register another update, and no token must be dropped within it.
  std::shared_ptr<void> before_reading(std::function<void()> update);

  // The text exposition format, version 0.0.4: metrics by name, series in the order of their labels' values.
  std::string prometheus_text() const;

 private:
  struct Inside;
  Metrics();
  const std::shared_ptr<Inside> inside_;  // shared with tokens
};

}  // namespace nb

#include <nb/observe/metrics.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <variant>

#include <nb/base/check.h>

#include "base/text.h"

namespace nb {

namespace {

// The values of a series' labels, each with this behind it, which no value holds.
constexpr char kEnd = '\0';
constexpr std::string_view kOther = "other";

void append_value(std::string& key, std::string_view value) {
  key.append(base::shown(base::cut(value, Metrics::kMaxLabelValue))) += kEnd;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c == '_' || (c < 0x80 && std::isalnum(c) != 0); });
}

}  // namespace

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
  buckets_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + value, std::memory_order_relaxed)) {
  }
}

std::uint64_t Histogram::count() const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) count += bucket(i);
  return count;
}

template <class Kind>
struct Family<Kind>::Series {
  explicit Series(std::size_t labels_) : labels(labels_) {}
  const std::size_t labels;
  std::shared_mutex mutex;  // guards the map; what is in it stays
  std::map<std::string, std::unique_ptr<Kind>, std::less<>> by_values;
};

template <class Kind>
Family<Kind>::Family(std::size_t labels) : series_(std::make_unique<Series>(labels)) {}

template <class Kind>
Family<Kind>::~Family() = default;

template <class Kind>
Kind& Family<Kind>::with(std::initializer_list<std::string_view> values) {
  NB_CHECK(values.size() == series_->labels, "there is a value for each label");
  std::string key;
  for (const std::string_view value : values) append_value(key, value);
  {
    const std::shared_lock lock(series_->mutex);
    if (const auto found = series_->by_values.find(key); found != series_->by_values.end()) return *found->second;
  }
  const std::unique_lock lock(series_->mutex);
  if (!series_->by_values.contains(key) && series_->by_values.size() >= Metrics::kMaxSeries) {
    key.clear();
    for (std::size_t i = 0; i < values.size(); ++i) append_value(key, kOther);
  }
  auto& made = series_->by_values[key];
  if (made == nullptr) made = std::make_unique<Kind>();
  return *made;
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Metrics::Inside {
  using AnyFamily = std::variant<std::unique_ptr<Family<Counter>>, std::unique_ptr<Family<Gauge>>,
                                 std::unique_ptr<Family<Histogram>>>;
  struct Metric {
    std::string help;
    std::vector<std::string> labels;
    AnyFamily family;
  };

  template <class Kind>
  Family<Kind>& find_or_make(std::string_view name, std::string_view help, std::vector<std::string> labels);

  mutable std::mutex mutex;  // guards metrics
  std::map<std::string, Metric, std::less<>> metrics;
  mutable std::mutex updates_mutex;  // guards the rest, and is held while updates are called
  std::map<const void*, std::function<void()>> updates;
};

template <class Kind>
Family<Kind>& Metrics::Inside::find_or_make(std::string_view name, std::string_view help,
                                            std::vector<std::string> labels) {
  NB_CHECK(is_name(name) && std::all_of(labels.begin(), labels.end(), is_name), "metrics and labels have plain names");
  const std::lock_guard lock(mutex);
  auto found = metrics.find(name);
  if (found == metrics.end()) {
    AnyFamily family = std::unique_ptr<Family<Kind>>(new Family<Kind>(labels.size()));
    found = metrics.emplace(std::string(name), Metric{std::string(help), labels, std::move(family)}).first;
  }
  auto* const family = std::get_if<std::unique_ptr<Family<Kind>>>(&found->second.family);
  NB_CHECK(family != nullptr && found->second.labels == labels, "a metric has one kind and one set of labels");
  return **family;
}

Metrics::Metrics() : inside_(std::make_shared<Inside>()) {}
Metrics::~Metrics() = default;

std::shared_ptr<Metrics> Metrics::make() { return std::shared_ptr<Metrics>(new Metrics()); }

Family<Counter>& Metrics::counters(std::string_view name, std::string_view help, std::vector<std::string> labels) {
  return inside_->find_or_make<Counter>(name, help, std::move(labels));
}
Family<Gauge>& Metrics::gauges(std::string_view name, std::string_view help, std::vector<std::string> labels) {
  return inside_->find_or_make<Gauge>(name, help, std::move(labels));
}
Family<Histogram>& Metrics::histograms(std::string_view name, std::string_view help, std::vector<std::string> labels) {
  return inside_->find_or_make<Histogram>(name, help, std::move(labels));
}

std::shared_ptr<void> Metrics::before_reading(std::function<void()> update) {
  struct Token {
    explicit Token(std::shared_ptr<Inside> inside_) : inside(std::move(inside_)) {}
    ~Token() {
      std::function<void()> dropped;
      const std::lock_guard lock(inside->updates_mutex);
      dropped.swap(inside->updates[this]);
      inside->updates.erase(this);
    }
    const std::shared_ptr<Inside> inside;  // shared with the Metrics, which may go first
  };
  auto token = std::make_shared<Token>(inside_);
  const std::lock_guard lock(inside_->updates_mutex);
  inside_->updates.emplace(token.get(), std::move(update));
  return token;
}

// ---- text ----

namespace {

std::string text_of(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 12).ptr;
  return std::string(text.data(), end);
}

std::string escaped(std::string_view text, bool quotes) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\\\";
    } else if (c == '\n') {
      safe += "\\n";
    } else if (c == '"' && quotes) {
      safe += "\\\"";
    } else {
      safe += c;
    }
  }
  return safe;
}

// "method=\"Add\",error=\"\"", out of a series' key.
std::string labels_of(std::string_view key, const std::vector<std::string>& labels) {
  std::string text;
  for (const std::string& label : labels) {
    const std::size_t end = key.find(kEnd);
    if (!text.empty()) text += ',';
    text.append(label).append("=\"").append(escaped(key.substr(0, end), true)).append("\"");
    key.remove_prefix(end + 1);
  }
  return text;
}

void append_line(std::string& text, std::string_view name, std::string_view labels, std::string_view value) {
  text.append(name);
  if (!labels.empty()) text.append("{").append(labels).append("}");
  text.append(" ").append(value).append("\n");
}

std::string_view type_of(const Counter*) { return "counter"; }
std::string_view type_of(const Gauge*) { return "gauge"; }
std::string_view type_of(const Histogram*) { return "histogram"; }

void append_series(std::string& text, const std::string& name, const std::string& labels, const Counter& counter) {
  append_line(text, name, labels, std::to_string(counter.value()));
}
void append_series(std::string& text, const std::string& name, const std::string& labels, const Gauge& gauge) {
  append_line(text, name, labels, std::to_string(gauge.value()));
}
void append_series(std::string& text, const std::string& name, const std::string& labels, const Histogram& histogram) {
  const std::string before = labels.empty() ? labels : labels + ",";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= Histogram::kBounds.size(); ++i) {
    count += histogram.bucket(i);
    const std::string bound = i < Histogram::kBounds.size() ? text_of(Histogram::kBounds[i]) : "+Inf";
    append_line(text, name + "_bucket", before + "le=\"" + bound + "\"", std::to_string(count));
  }
  append_line(text, name + "_sum", labels, text_of(histogram.sum()));
  append_line(text, name + "_count", labels, std::to_string(count));
}

}  // namespace

std::string Metrics::prometheus_text() const {
  {
    const std::lock_guard lock(inside_->updates_mutex);
    for (const auto& [token, update] : inside_->updates) update();
  }
  std::string text;
  const std::lock_guard lock(inside_->mutex);
  for (const auto& [name, metric] : inside_->metrics) {
    text.append("# HELP ").append(name).append(" ").append(escaped(metric.help, false)).append("\n");
    std::visit(
        [&text, &name = name, &metric = metric](const auto& family) {
          auto& series = *family->series_;
          const std::shared_lock reading(series.mutex);
          using Kind = typename std::decay_t<decltype(series.by_values)>::mapped_type::element_type;
          text.append("# TYPE ").append(name).append(" ");
          text.append(type_of(static_cast<const Kind*>(nullptr))).append("\n");
          for (const auto& [key, each] : series.by_values) {
            append_series(text, name, labels_of(key, metric.labels), *each);
          }
        },
        metric.family);
  }
  return text;
}

}  // namespace nb

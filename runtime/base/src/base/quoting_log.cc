#include "base/quoting_log.h"

#include <string>
#include <utility>

#include "base/text.h"

namespace nb::base {

namespace {

class QuotingLog final : public LogSink {
 public:
  explicit QuotingLog(std::shared_ptr<LogSink> inner) : inner_(std::move(inner)) {}

  void log(Severity severity, std::string_view message) override {
    if (inner_ == nullptr) return;
    std::string line = shown(cut(message, kMaxLogLine));
    if (message.size() > kMaxLogLine) line += "…";
    inner_->log(severity, line);
  }

 private:
  const std::shared_ptr<LogSink> inner_;  // shared with the program
};

}  // namespace

std::shared_ptr<LogSink> quoting_log(std::shared_ptr<LogSink> inner) {
  return std::make_shared<QuotingLog>(std::move(inner));
}

}  // namespace nb::base

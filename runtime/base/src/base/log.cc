#include <nb/base/log.h>

#include <cstdio>
#include <string>

namespace nb {
namespace {

class StderrLog final : public LogSink {
 public:
  explicit StderrLog(Severity least) : least_(least) {}

  void log(Severity severity, std::string_view message) override {
    if (severity < least_) return;
    // One write a line, so that lines of several threads do not mix.
    std::string line = "niobium: ";
    line.append(to_string(severity)).append(": ").append(message).append("\n");
    std::fwrite(line.data(), 1, line.size(), stderr);
  }

 private:
  const Severity least_;
};

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "debug";
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "unknown";
}

std::shared_ptr<LogSink> stderr_log(Severity least) { return std::make_shared<StderrLog>(least); }

}  // namespace nb

// LogSink: where the runtime's words for the operator go. Programs hand in their own; the default writes to standard
// error. Sinks are called from any thread and must not block for long.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace nb {

enum class Severity : std::uint8_t { kDebug, kInfo, kWarning, kError };

std::string_view to_string(Severity severity);

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void log(Severity severity, std::string_view message) = 0;
};

// Writes "niobium: warning: message" lines to standard error, from `least` upwards.
std::shared_ptr<LogSink> stderr_log(Severity least = Severity::kWarning);

}  // namespace nb

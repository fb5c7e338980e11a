#include "base/quoting_log.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"

namespace nb::base {
namespace {

struct Last final : LogSink {
  void log(Severity severity_, std::string_view message_) override {
    severity = severity_;
    message = message_;
  }
  Severity severity = Severity::kDebug;
  std::string message;
};

}  // namespace

TEST_CASE("a message is one line, whatever a peer has put into it") {
  const auto last = std::make_shared<Last>();
  const auto log = quoting_log(last);
  log->log(Severity::kWarning, "refused \"x\nniobium: error: forged\r\x1b[2J\xff\"; é");
  CHECK(last->severity == Severity::kWarning);
  CHECK(last->message == "refused \"x?niobium: error: forged??[2J?\"; é");
}

TEST_CASE("a message is cut") {
  const auto last = std::make_shared<Last>();
  quoting_log(last)->log(Severity::kInfo, std::string(1000000, 'x'));
  CHECK(last->message == std::string(kMaxLogLine, 'x') + "…");
}

TEST_CASE("without a sink nothing is said") { quoting_log(nullptr)->log(Severity::kError, "x"); }

TEST_CASE("text is not cut in the middle of a character") {
  CHECK(cut("aé", 2) == "a");
  CHECK(cut("aé", 3) == "aé");
  CHECK(cut("日本", 5) == "日");
  CHECK(cut("日本", 1).empty());
}

TEST_CASE("text is shown without control characters and without bytes that are no UTF-8") {
  CHECK(shown("a\nb\x7f") == "a?b?");
  CHECK(shown("日本 é 😀") == "日本 é 😀");
  CHECK(shown("\xc0\x80 \xed\xa0\x80 \xf5 \xe6\x97") == "?? ??? ? ??");
}

}  // namespace nb::base

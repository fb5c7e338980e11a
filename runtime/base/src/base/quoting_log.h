// A log sink that hands on to another one what was made safe: messages hold text of peers, who would like to write
// lines of their own into the log, or to fill it. One message is one line of at most kMaxLogLine bytes, without control
// characters, and UTF-8.
#pragma once

#include <cstddef>
#include <memory>

#include <nb/base/log.h>

namespace nb::base {

inline constexpr std::size_t kMaxLogLine = 4096;

// Null takes everything and says nothing.
std::shared_ptr<LogSink> quoting_log(std::shared_ptr<LogSink> inner);

}  // namespace nb::base

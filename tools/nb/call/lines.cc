#include "call/lines.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/failure.h"

namespace tool {
namespace {

constexpr std::size_t kLongestLine = 16 << 20;

}  // namespace

InputLines::InputLines() {
  if (pipe(wakes_) != 0) wakes_[0] = wakes_[1] = -1;  // then it waits for the end of its input
}

InputLines::~InputLines() {
  for (const int each : wakes_) {
    if (each >= 0) close(each);
  }
}

void InputLines::stop() {
  const char any = 0;
  if (wakes_[1] >= 0 && write(wakes_[1], &any, 1) != 1) return;
}

nb::Result<bool> InputLines::read_more() {
  pollfd both[2] = {{STDIN_FILENO, POLLIN, 0}, {wakes_[0], POLLIN, 0}};
  while (poll(both, 2, -1) < 0) {
    if (errno != EINTR) return failure(std::string("standard input: ") + std::strerror(errno));
  }
  if (both[1].revents != 0) return false;
  char bytes[16384];
  const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count < 0) return failure(std::string("standard input: ") + std::strerror(errno));
  pending_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

nb::Result<std::optional<std::string>> InputLines::next() {
  std::size_t looked_at = 0;
  for (;;) {
    const std::size_t end = pending_.find('\n', looked_at);
    if (end == std::string::npos && !ended_) {
      looked_at = pending_.size();
      if (looked_at > kLongestLine) return failure("a line of standard input is longer than 16 MiB");
      auto more = read_more();
      if (!more) return more.error();
      ended_ = !*more;
      continue;
    }
    if (end == std::string::npos && pending_.empty()) return std::optional<std::string>();
    std::string line = pending_.substr(0, end);
    pending_.erase(0, end == std::string::npos ? end : end + 1);
    looked_at = 0;
    ++number_;
    if (line.find_first_not_of(" \t\r") != std::string::npos) return std::optional(std::move(line));
  }
}

}  // namespace tool

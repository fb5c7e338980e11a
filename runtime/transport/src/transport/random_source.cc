#include "transport/random_source.h"

#include <cerrno>

#include <sys/random.h>

#include <nb/base/check.h>

namespace nb::transport {

RandomSource system_random() {
  return [](std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      NB_CHECK(got > 0, "the system has random bytes");
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  };
}

}  // namespace nb::transport

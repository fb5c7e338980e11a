// The yardstick: messages of a fixed size that go to a peer in this process over loopback TCP and come back, on bare
// Asio. Two threads, one for each end, as the measured runtimes have.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

namespace bench {

class RawPingPong {
 public:
  explicit RawPingPong(std::size_t message_size);
  ~RawPingPong();

  // The time for `count` round trips with `in_flight` messages on their way at any moment.
  std::chrono::nanoseconds run(std::size_t count, std::size_t in_flight);

 private:
  struct Ends;
  std::unique_ptr<Ends> ends_;
};

}  // namespace bench

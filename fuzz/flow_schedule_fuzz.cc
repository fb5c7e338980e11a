// Two honest ends that hold the keys, and an application at each that does what the input says, byte by byte: open,
// write, read, close, send, deliver in any order and in parts. They are held against the model of flow control at every
// step, and have to come to an end with nothing left (flow/schedule_testing.h).
#include <cstddef>
#include <cstdint>

#include "flow/schedule_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::flow;
  if (size == 0 || size > 4096) return 0;
  const std::uint8_t mode = data[0];
  nb::BytesView rest(data + 1, size - 1);
  // Choices among few take one byte, others two; when the input is used up, the first one each time.
  const testing::Schedule::Below below = [&rest](std::size_t n) -> std::size_t {
    std::size_t number = 0;
    for (int i = 0; i < (n <= 256 ? 1 : 2) && !rest.empty(); ++i) {
      number = number << 8 | rest[0];
      rest = rest.subspan(1);
    }
    return number % n;
  };
  constexpr std::uint64_t kWindows[] = {1024, 4096, 16384, 70000};
  const auto end = [mode](Role role, std::uint64_t window) {
    Options options = testing::schedule_options(role, window, (mode & 1) != 0);
    options.channel_timeout = {};  // the input may let any time pass before it delivers anything
    return options;
  };
  testing::Schedule schedule(below, end(Role::kDialer, kWindows[mode >> 2 & 3]),
                             end(Role::kAcceptor, kWindows[mode >> 4 & 3]));
  while (!rest.empty()) schedule.step();
  schedule.settle();
  schedule.close_all();
  schedule.finish();
  return 0;
}

// The stream of blessings of a hostile peer: cut as the first byte of the input says, decoded, named and checked.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>

#include "flow/authenticated_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::flow;
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  nb::BytesView stream(data + 1, size - 1);
  static const nb::PublicKey kBound = testing::principal(1)->public_key();
  BlessingsReceiver receiver(nullptr, 7);
  if ((mode & 1) != 0) receiver.bind(kBound);
  const std::size_t step = 1 + (mode >> 1) * std::size_t{9};
  while (!stream.empty()) {
    const nb::BytesView part = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(part.size());
    if (!receiver.receive(part)) return 0;
    for (std::uint64_t key = 1; key < 4; ++key) {
      const nb::Result<ShownBlessings> shown = receiver.resolve(key, mode % 3);
      if (!shown) continue;
      NB_CHECK(!shown->blessings.is_zero(), "what was named is there");
      NB_CHECK((mode & 1) == 0 || shown->blessings.public_key() == kBound, "only blessings of the bound key get in");
    }
  }
  return 0;
}

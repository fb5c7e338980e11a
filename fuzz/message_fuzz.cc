// One flow message: decoding never reads past the end, and what it gives is the same after another round.
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>

#include "flow/codec.h"
#include "flow/setup.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::flow;
  const nb::Result<Message> message = decode({data, size});
  if (!message) return 0;
  const nb::Result<Message> again = decode(encode(*message));
  NB_CHECK(again.ok() && *again == *message, "a message survives encoding");
  if (const auto* const setup = std::get_if<Setup>(&*message)) {
    const nb::Result<SetupInfo> info = read_setup(*setup);
    if (info) NB_CHECK(read_setup(make_setup(*info)).ok(), "what was read can be said");
  }
  return 0;
}

// The first frame of a hostile peer, a Setup or not, into an end that authenticates itself. The first byte of the input
// chooses the role; with one of its bits the rest becomes the options of a Setup whose key is a good one, so that the
// search need not find it.
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>

#include "flow/authenticated_testing.h"

namespace {

using namespace nb::flow;

Options options_of(Role role) {
  static const Options kOptions[] = {testing::authenticated_options(Role::kDialer),
                                     testing::authenticated_options(Role::kAcceptor)};
  Options options = kOptions[role == Role::kDialer ? 0 : 1];
  options.versions = {13, 14};
  static const auto kRandomness = std::make_shared<testing::FixedRandomness>(0x40);
  options.identity.randomness = kRandomness;
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  nb::Bytes frame;
  if ((mode & 2) != 0) {
    testing::FixedRandomness randomness(0x80);
    static const KeyPair kPair(randomness);
    frame = {0x7e, 14, 14, 1, 32};
    frame.insert(frame.end(), kPair.public_key().begin(), kPair.public_key().end());
  }
  frame.insert(frame.end(), data + 1, data + size);

  TimePoint now{};
  Connection connection(options_of((mode & 1) != 0 ? Role::kDialer : Role::kAcceptor), now);
  connection.receive_frame_in_place(frame, now);
  NB_CHECK(!connection.is_established(), "nobody is known by a Setup alone");
  while (connection.has_output()) (void)connection.take_output();
  (void)connection.take_events();
  return 0;
}

// A hostile peer that has exchanged keys and does not own the key it claims: messages under seal, up to its Auth. The
// first byte of the input chooses the role and whether sound blessings are told before; the rest is messages, each
// behind two bytes of length.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>

#include "flow/authenticated_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::flow;
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  nb::BytesView rest(data + 1, size - 1);
  const Role role = (mode & 1) != 0 ? Role::kDialer : Role::kAcceptor;
  static const Options kOptions[] = {testing::authenticated_options(Role::kDialer),
                                     testing::authenticated_options(Role::kAcceptor)};
  testing::Impostor peer(role, kOptions[role == Role::kDialer ? 1 : 0]);
  peer.say_setup();
  if ((mode & 2) != 0) {
    static const ShownBlessings kShown(*peer.principal->bless_self("peer"));
    peer.tell(kShown);
  }
  while (rest.size() >= 2 && !peer.end.is_closed()) {
    const std::size_t length = std::min<std::size_t>(rest.size() - 2, std::size_t{rest[0]} << 8 | rest[1]);
    const nb::BytesView message = rest.subspan(2, length);
    rest = rest.subspan(2 + length);
    peer.say_sealed(nb::Bytes(message.begin(), message.end()));
  }
  NB_CHECK(!peer.end.is_established(), "nobody is authenticated without a signature over this connection");
  return 0;
}

// The head of an HTTP message from a stranger: cut anywhere it reads the same, stays within its limits, and a server
// and a client both have an answer to it.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>

#include "transport/http_head.h"
#include "transport/http_upgrade.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::transport;
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 64;
  const nb::BytesView input(data + 1, size - 1);

  HttpHeadReader whole;
  const auto taken = whole.feed(input);
  HttpHeadReader cut;
  nb::BytesView rest = input;
  bool is_broken = false;
  while (!rest.empty() && !cut.is_complete() && !is_broken) {
    const auto n = cut.feed(rest.first(std::min(step, rest.size())));
    is_broken = !n;
    if (n) rest = rest.subspan(*n);
  }
  NB_CHECK(is_broken == !taken, "a head is as sound in pieces as in one");
  if (!taken || !whole.is_complete()) return 0;
  NB_CHECK(*taken <= kMaxHttpHead, "a head is within its limit");
  NB_CHECK(cut.is_complete() && rest.size() == input.size() - *taken, "a head ends at the same place in pieces");
  NB_CHECK(cut.head().headers.size() == whole.head().headers.size(), "and has the same headers");

  const UpgradeAnswer answer = answer_upgrade(whole.head());
  HttpHeadReader own;
  NB_CHECK(own.feed(nb::as_bytes(answer.text)) && own.is_complete(), "what a server answers is a head");
  NB_CHECK(!answer.refused == answer.text.starts_with("HTTP/1.1 101 "), "only agreement is 101");
  (void)check_upgrade_answer(whole.head(), "dGhlIHNhbXBsZSBub25jZQ==");
  return 0;
}

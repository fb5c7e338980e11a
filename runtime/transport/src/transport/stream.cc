#include "transport/stream.h"

#include <utility>

#include <nb/base/check.h>

namespace nb::transport {
namespace {

constexpr const char* kOnlyMessages = "a stream that keeps messages apart is not used for bytes";

// The answer is there, but may not come before the caller has the handle.
class Resolving final : public Dialing, public std::enable_shared_from_this<Resolving> {
 public:
  void start(Loop& loop, Resolved answer, ResolveDone done) {
    loop.post([weak = weak_from_this(), answer = std::move(answer), done = std::move(done)] {
      if (weak.lock()) done(answer);
    });
  }
};

}  // namespace

void MessageStream::read_some(std::span<std::uint8_t>, ReadDone) { NB_CHECK(false, kOnlyMessages); }
void MessageStream::peek(PeekDone) { NB_CHECK(false, kOnlyMessages); }

Result<std::size_t> MessageStream::try_write(std::span<const BytesView>) {
  NB_CHECK(false, kOnlyMessages);
  return std::size_t{0};
}

std::shared_ptr<Dialing> Protocol::resolve(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, ResolveDone done) {
  auto resolving = std::make_shared<Resolving>();
  resolving->start(*loop, {protocol, {address}}, std::move(done));
  return resolving;
}

}  // namespace nb::transport

#include "flow/receive_window.h"

#include <nb/base/check.h>

namespace nb::flow {

bool ReceiveWindow::receive(std::uint64_t n) {
  if (n > window_ - unread_) return false;
  unread_ += n;
  if (peer_borrows_) unreturned_ += n;
  return true;
}

void ReceiveWindow::consume(std::uint64_t n) {
  NB_CHECK(n <= unread_, "only bytes that were received are consumed");
  unread_ -= n;
  consumed_ += n;
  to_release_ += n;
}

void ReceiveWindow::granted() {
  to_release_ = 0;
  consumed_ = 0;
  unreturned_ = 0;
  peer_borrows_ = false;
}

}  // namespace nb::flow

// How much the peer may send on a flow, and what is to be granted to it next (docs/spec/flow-protocol.md 8.5, 8.6).
//
// On a flow that the peer opened its first bytes are borrowed from its pool; the first grant gives it the window of its
// own, and so hands the borrowed bytes back, read or not. On a flow opened here the window came with OpenFlow.
#pragma once

#include <cstdint>

namespace nb::flow {

class ReceiveWindow {
 public:
  static ReceiveWindow opened_here(std::uint64_t window) { return ReceiveWindow(window, 0, false); }
  static ReceiveWindow opened_by_peer(std::uint64_t window) { return ReceiveWindow(window, window, true); }

  // n bytes arrived. False: more than the window allows, nothing was changed.
  [[nodiscard]] bool receive(std::uint64_t n);
  // The application has taken n of the unread bytes.
  void consume(std::uint64_t n);

  std::uint64_t unread() const { return unread_; }
  bool is_peer_borrowing() const { return peer_borrows_; }
  // Received while the peer borrows, so still missing in its pool.
  std::uint64_t unreturned() const { return unreturned_; }
  // Consumed and not yet granted again.
  std::uint64_t consumed() const { return consumed_; }
  // What a Release for this flow carries now; the peer may have sent that much in addition.
  std::uint64_t grant() const { return to_release_; }
  // The Release is on its way.
  void granted();

 private:
  ReceiveWindow(std::uint64_t window, std::uint64_t to_release, bool peer_borrows)
      : window_(window), to_release_(to_release), peer_borrows_(peer_borrows) {}

  std::uint64_t window_;
  std::uint64_t unread_ = 0;
  std::uint64_t consumed_ = 0;
  std::uint64_t unreturned_ = 0;
  std::uint64_t to_release_;
  bool peer_borrows_;
};

}  // namespace nb::flow

// BlessingsSender: the sending direction of the blessings flow (docs/spec/flow-protocol.md 6). Turns what this end
// shows into the two numbers by which messages name it, and into the bytes that tell the peer what they stand for,
// which must leave before.
#pragma once

#include <cstdint>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/vom/encoder.h>

#include "flow/shown_blessings.h"

namespace nb::flow {

class BlessingsSender {
 public:
  struct Keys {
    std::uint64_t blessings = 0;
    std::uint64_t discharges = 0;  // 0: none
  };

  // The blessings are not zero. What was shown lately has the same numbers again.
  Keys keys_for(const ShownBlessings& shown);

  // Bytes for flow 1, the next part of one stream.
  bool has_output() const { return !encoder_.output().empty(); }
  Bytes take_output() {
    Bytes output = encoder_.take();
    encoder_.shrink();  // there is seldom more
    return output;
  }

 private:
  // Fewer than what a peer of our kind remembers (key_table.h), so that it still knows all of them.
  static constexpr std::size_t kRemembered = 32;

  struct Named {
    Blessings blessings;
    std::uint64_t key = 0;
  };
  struct NamedDischarges {
    std::shared_ptr<const Discharges> discharges;  // shared with those who showed them
    std::uint64_t blessings_key = 0;
    std::uint64_t key = 0;
  };

  std::uint64_t key_of(const Blessings& blessings);
  std::uint64_t key_of(const std::shared_ptr<const Discharges>& discharges, std::uint64_t blessings_key);

  vom::Encoder encoder_;
  std::uint64_t next_key_ = 1;  // one count for both
  // The ones used last stand first.
  std::vector<Named> blessings_;
  std::vector<NamedDischarges> discharges_;
};

}  // namespace nb::flow

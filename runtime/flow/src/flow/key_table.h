// KeyTable: things that the peer gave numbers to, until memory for them runs out (docs/spec/flow-protocol.md 6.4 and
// 15.2).
//
// What was used once may go when there are too many: the one whose last use is longest ago first. Things nobody uses
// are another matter: an honest peer uses at once what it defines, so too many of them are an error.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "flow/id_hash.h"

namespace nb::flow {

struct KeyTableLimits {
  std::size_t entries = 1024;
  std::size_t bytes = 4u << 20;
  std::size_t unused = 64;
};

template <class T>
class KeyTable {
 public:
  enum class Defined : std::uint8_t { kYes, kTwice, kTooMany };

  KeyTable(const KeyTableLimits& limits, std::uint64_t seed) : limits_(limits), entries_(0, IdHash{seed}) {}

  // `bytes` is what the thing weighs.
  Defined define(std::uint64_t key, T thing, std::size_t bytes) {
    const auto [at, is_new] = entries_.try_emplace(key, Entry{std::move(thing), bytes, 0});
    if (!is_new) return Defined::kTwice;
    bytes_ += bytes;
    if (++unused_ > limits_.unused) return Defined::kTooMany;
    if (entries_.size() > limits_.entries || bytes_ > limits_.bytes) make_room();
    return bytes_ > limits_.bytes ? Defined::kTooMany : Defined::kYes;
  }

  // Null if there is none, or none any more. Stays where it is until the next define().
  T* use(std::uint64_t key) {
    const auto at = entries_.find(key);
    if (at == entries_.end()) return nullptr;
    if (at->second.last_use == 0) --unused_;
    at->second.last_use = ++uses_;
    return &at->second.thing;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    T thing;
    std::size_t bytes;
    std::uint64_t last_use;  // 0: never
  };

  // Forgets the quarter of the used ones that was not used for longest, and more if they are still too many bytes.
  void make_room() {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> by_use;
    for (const auto& [key, entry] : entries_) {
      if (entry.last_use != 0) by_use.emplace_back(entry.last_use, key);
    }
    std::sort(by_use.begin(), by_use.end());
    const std::size_t quarter = by_use.size() / 4 + 1;
    for (std::size_t i = 0; i < by_use.size() && (i < quarter || bytes_ > limits_.bytes); ++i) {
      const auto at = entries_.find(by_use[i].second);
      bytes_ -= at->second.bytes;
      entries_.erase(at);
    }
  }

  KeyTableLimits limits_;
  std::unordered_map<std::uint64_t, Entry, IdHash> entries_;
  std::size_t bytes_ = 0;
  std::size_t unused_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace nb::flow

// Reservations: who dials what, so that there is one dial for each key at a time (docs/spec/flow-protocol.md 11.3).
// Only a table; the manager guards it.
//
//   E without routing id                  joins the dial to its address, or reserves the address
//   E with one      nobody dials there    reserves address and path: it dials
//                   a dial to the address reserves the path and waits until that is over
//                   connections there     reserves the path: the way to E leads through one of them
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "conn/cache_key.h"

namespace nb::conn {

class PendingDial;

class Reservations {
 public:
  struct Wanted {
    CacheKey address;
    std::optional<CacheKey> path;  // of an endpoint with a routing id
  };
  enum class Way : std::uint8_t {
    kJoined,   // somebody else's dial does it
    kDial,     // dial the address
    kFollow,   // wait for the dial to the address: over() gives it back
    kThrough,  // through one of the connections to the address
  };
  struct Taken {
    std::shared_ptr<PendingDial> dial;
    Way way = Way::kJoined;
  };
  Taken take(const Wanted& wanted, bool has_connections_there,
             const std::function<std::shared_ptr<PendingDial>()>& make);

  // The dial to its address is over, whatever came of it: the address is free. Gives those that waited for it, once.
  std::vector<std::shared_ptr<PendingDial>> over(PendingDial& dial);
  // The same, and everything else that was reserved with it is free as well.
  std::vector<std::shared_ptr<PendingDial>> release(PendingDial& dial);

  // Reserved with it.
  std::vector<CacheKey> keys_of(PendingDial& dial) const;
  std::vector<std::shared_ptr<PendingDial>> all() const;
  std::size_t size() const { return by_dial_.size(); }

 private:
  struct Reserved {
    std::shared_ptr<PendingDial> dial;  // shared with its callbacks
    std::vector<CacheKey> keys;
    std::vector<std::shared_ptr<PendingDial>> followers;
  };
  std::shared_ptr<PendingDial> find(const CacheKey& key) const;

  std::unordered_map<CacheKey, PendingDial*, CacheKeyHash> by_key_;
  std::unordered_map<PendingDial*, Reserved> by_dial_;
};

}  // namespace nb::conn

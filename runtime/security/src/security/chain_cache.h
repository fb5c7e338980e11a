// What ChainCache holds: for chains that were found valid, the digest and the keys at both ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <nb/security/blessings.h>

#include "security/hash.h"

namespace nb::security {

// SHA-256 of the digest of a chain. For chains whose certificates pass check_x509() and check_one_kind(), and only for
// them, the digest covers every byte of every certificate, signatures included, so that equal keys mean equal chains.
using ChainKey = std::array<std::uint8_t, 32>;

ChainKey chain_key(const Digest& chain);

struct KnownChain {
  PublicKey root;  // of its first certificate
  PublicKey last;  // of its last one
};

}  // namespace nb::security

struct nb::ChainCache::Rep {
  explicit Rep(std::size_t capacity) : capacity(capacity) {}

  struct Found {
    std::size_t length;  // of the longest known beginning, in certificates
    security::KnownChain chain;
  };
  // `prefixes[i]` is the key of the first i + 1 certificates.
  std::optional<Found> longest(std::span<const security::ChainKey> prefixes) const;
  // When it is full, something else goes, whatever the digest points at.
  void add(const security::ChainKey& key, security::KnownChain chain);

  struct HashOfKey {
    std::size_t operator()(const security::ChainKey& key) const;
  };

  const std::size_t capacity;
  mutable std::mutex mutex;  // guards the rest
  std::unordered_map<security::ChainKey, security::KnownChain, HashOfKey> chains;
  std::vector<security::ChainKey> keys;  // of chains, to pick one from
};

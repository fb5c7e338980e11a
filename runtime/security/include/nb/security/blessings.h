// Blessings: names given to a public key, proved by chains of certificates (docs/spec/security.md 4 and 5).
//
// An object of this class is valid: every signature, name and structural rule was checked when it was made. It says
// nothing about caveats and about trust in the roots; these are checked per call (blessing_names.h). A small value,
// immutable, cheap to copy, safe to read from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/public_key.h>
#include <nb/vdl/time.h>

#include "v.io/v23/security/security.vdl.h"

namespace nb {

using Caveat = v23::security::Caveat;

class ChainCache;

namespace security {
class BlessingsRep;
}

class Blessings {
 public:
  Blessings() = default;  // zero: no key, no names
  // Checks everything of sections 4.3 and 5.4; verror.BadArg says what is wrong. Bounds, [A-44]: 64 certificates a
  // chain, 64 chains, in all 256 certificates, 1024 caveats and 1 MiB. `cache` (may be null) remembers chains that were
  // found valid. A certificate that stands on X.509 is taken, but its name is never believed ([A-53]).
  static Result<Blessings> from_wire(v23::security::WireBlessings wire, ChainCache* cache = nullptr);
  // Only a key, without any name (6.4); zero when there is no key.
  static Blessings nameless(const PublicKey& key);
  // The storage form: base64url, padded, of the VOM encoding (5.6). At most 1 MiB.
  static Result<Blessings> from_text(std::string_view text, ChainCache* cache = nullptr);
  std::string to_text() const;

  bool is_zero() const { return rep_ == nullptr; }
  bool is_nameless() const;
  const v23::security::WireBlessings& wire() const;
  const PublicKey& public_key() const;  // the key that was blessed; none when zero
  // The names that the chains claim, one for each, in their order; none when zero or nameless.
  const std::vector<std::string>& claimed_names() const;
  BytesView unique_id() const;  // 5.5; empty when zero
  // Whether all of `names` are among the claimed ones (5.6).
  bool could_have_names(const std::vector<std::string>& names) const;
  // The earliest expiry caveat of any chain; none means never.
  std::optional<Time> expiry() const;
  std::vector<Caveat> third_party_caveats() const;
  // For each chain its first certificate alone, for others to recognize; none when nameless.
  std::vector<Blessings> roots() const;
  // Names joined by ",".
  std::string to_string() const;

  // Whether they stand for the same: their unique ids are equal.
  friend bool operator==(const Blessings& a, const Blessings& b);

  const std::shared_ptr<const security::BlessingsRep>& rep() const { return rep_; }
  explicit Blessings(std::shared_ptr<const security::BlessingsRep> rep) : rep_(std::move(rep)) {}

 private:
  std::shared_ptr<const security::BlessingsRep> rep_;  // shared by copies; immutable
};

// All names of all of them, sorted; they must have the same key (5.6). Zero ones are passed over, nameless ones too
// when there is a name. Chains that are the same twice stay. BadArg beyond 16 chains or 64 certificates in all: no peer
// takes more.
Result<Blessings> union_of(const std::vector<Blessings>& blessings);

// Remembers digests of certificate chains whose signatures were found valid, so that the same peers are not checked
// again and again. Bounded; never holds failures ([A-54]). Safe from any thread.
class ChainCache {
 public:
  explicit ChainCache(std::size_t capacity = 1024);
  ~ChainCache();
  ChainCache(const ChainCache&) = delete;
  ChainCache& operator=(const ChainCache&) = delete;

  std::size_t size() const;
  struct Rep;
  Rep& rep() const { return *rep_; }

 private:
  std::unique_ptr<Rep> rep_;
};

}  // namespace nb

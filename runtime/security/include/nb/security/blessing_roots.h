// Blessing roots: whose blessings this principal believes, and for which names (docs/spec/security.md 10.1).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/pattern.h>
#include <nb/security/public_key.h>

namespace nb {

// Any number of threads.
class BlessingRoots {
 public:
  virtual ~BlessingRoots() = default;
  // From now on the owner of `root` may give out names that match `pattern`. Again: nothing happens. Refuses "..."
  // ([A-20]) and patterns that are invalid or match nothing; a store on disk can fail to write.
  virtual Result<void> add(const PublicKey& root, const BlessingPattern& pattern) = 0;
  // UnrecognizedRoot unless a pattern of exactly this key matches the name.
  virtual Result<void> recognized(const PublicKey& root, std::string_view name) const = 0;
  // Patterns, and for each the keys that may give out its names.
  virtual std::map<BlessingPattern, std::vector<PublicKey>> dump() const = 0;
};

// What every kind of roots asks of what is added to it: a key, and a pattern that matches some names and not all.
Result<void> check_root_pattern(const PublicKey& root, const BlessingPattern& pattern);

std::shared_ptr<BlessingRoots> memory_roots();
// What is recognized by any of them; add() goes to the first.
std::shared_ptr<BlessingRoots> combined_roots(std::vector<std::shared_ptr<BlessingRoots>> parts);
// Recognizes the same, and cannot be changed.
std::shared_ptr<BlessingRoots> fixed_roots(std::shared_ptr<const BlessingRoots> roots);

}  // namespace nb

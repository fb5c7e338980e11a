#include <nb/security/blessing_roots.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include <nb/base/verror.h>

namespace nb {
namespace {

Error unrecognized(const PublicKey& root, const Error& why) {
  return v23::security::UnrecognizedRoot(root ? root.fingerprint() : "none", why);
}

class MemoryRoots final : public BlessingRoots {
 public:
  Result<void> add(const PublicKey& root, const BlessingPattern& pattern) override {
    if (auto fits = check_root_pattern(root, pattern); !fits) return fits;
    const std::unique_lock lock(mutex_);
    auto& [key, patterns] = roots_[key_of(root)];
    key = root;
    if (std::find(patterns.begin(), patterns.end(), pattern) == patterns.end()) patterns.push_back(pattern);
    return {};
  }

  Result<void> recognized(const PublicKey& root, std::string_view name) const override {
    const std::shared_lock lock(mutex_);
    const auto found = roots_.find(as_text(root.der()));
    if (found == roots_.end()) return unrecognized(root, verror::NoExist("no such root"));
    for (const auto& pattern : found->second.second) {
      if (matches(pattern, name)) return {};
    }
    return unrecognized(root, verror::NoExist("the root may not give out the name " + std::string(name)));
  }

  std::map<BlessingPattern, std::vector<PublicKey>> dump() const override {
    const std::shared_lock lock(mutex_);
    std::map<BlessingPattern, std::vector<PublicKey>> result;
    for (const auto& [der, root] : roots_) {
      for (const auto& pattern : root.second) result[pattern].push_back(root.first);
    }
    return result;
  }

 private:
  static std::string key_of(const PublicKey& root) { return std::string(as_text(root.der())); }

  mutable std::shared_mutex mutex_;                                                               // guards roots_
  std::map<std::string, std::pair<PublicKey, std::vector<BlessingPattern>>, std::less<>> roots_;  // by DER form
};

class CombinedRoots final : public BlessingRoots {
 public:
  explicit CombinedRoots(std::vector<std::shared_ptr<BlessingRoots>> parts) : parts_(std::move(parts)) {}

  Result<void> add(const PublicKey& root, const BlessingPattern& pattern) override {
    if (parts_.empty()) return verror::BadState("there are no roots to add to");
    return parts_.front()->add(root, pattern);
  }

  Result<void> recognized(const PublicKey& root, std::string_view name) const override {
    Result<void> last = unrecognized(root, verror::NoExist("there are no roots"));
    for (const auto& part : parts_) {
      last = part->recognized(root, name);
      if (last) return last;
    }
    return last;
  }

  std::map<BlessingPattern, std::vector<PublicKey>> dump() const override {
    std::map<BlessingPattern, std::vector<PublicKey>> result;
    for (const auto& part : parts_) {
      for (const auto& [pattern, keys] : part->dump()) {
        auto& all = result[pattern];
        for (const auto& key : keys) {
          if (std::find(all.begin(), all.end(), key) == all.end()) all.push_back(key);
        }
      }
    }
    return result;
  }

 private:
  const std::vector<std::shared_ptr<BlessingRoots>> parts_;  // shared with whoever else uses the parts
};

class FixedRoots final : public BlessingRoots {
 public:
  explicit FixedRoots(std::shared_ptr<const BlessingRoots> roots) : roots_(std::move(roots)) {}

  Result<void> add(const PublicKey&, const BlessingPattern&) override {
    return verror::BadState("these roots cannot be changed");
  }
  Result<void> recognized(const PublicKey& root, std::string_view name) const override {
    return roots_->recognized(root, name);
  }
  std::map<BlessingPattern, std::vector<PublicKey>> dump() const override { return roots_->dump(); }

 private:
  const std::shared_ptr<const BlessingRoots> roots_;  // shared with whoever may still change them
};

}  // namespace

Result<void> check_root_pattern(const PublicKey& root, const BlessingPattern& pattern) {
  if (!root) return verror::BadArg("a root needs a key");
  if (pattern == v23::security::AllPrincipals()) return verror::BadArg("a root may not give out all names");
  if (pattern == v23::security::NoExtension() || !is_valid(pattern)) {
    return verror::BadArg("`" + std::string(pattern) + "` is no pattern for the names of a root");
  }
  return {};
}

std::shared_ptr<BlessingRoots> memory_roots() { return std::make_shared<MemoryRoots>(); }

std::shared_ptr<BlessingRoots> combined_roots(std::vector<std::shared_ptr<BlessingRoots>> parts) {
  return std::make_shared<CombinedRoots>(std::move(parts));
}

std::shared_ptr<BlessingRoots> fixed_roots(std::shared_ptr<const BlessingRoots> roots) {
  return std::make_shared<FixedRoots>(std::move(roots));
}

}  // namespace nb

#include "security/disk_roots.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include <nb/vom/vom.h>

#include "v.io/x/ref/lib/security/security.vdl.h"

namespace nb::security {
namespace {

using State = x::ref::lib::security::blessingRootsState;

// Go lets in patterns that match nothing, and keys of kinds that we refuse. They stay in the file and recognize
// nothing.
std::shared_ptr<BlessingRoots> recognized_by(const State& state) {
  auto roots = memory_roots();
  for (const auto& [der, patterns] : state) {
    const auto key = PublicKey::from_der(as_bytes(der));
    if (!key) continue;
    for (const auto& pattern : patterns) (void)roots->add(*key, pattern).ok();
  }
  return roots;
}

class DiskRoots final : public BlessingRoots {
 public:
  DiskRoots(State state, SavedFile file, std::shared_ptr<LogSink> log)
      : file_(std::move(file)), log_(std::move(log)), state_(std::move(state)), roots_(recognized_by(state_)) {}

  Result<void> add(const PublicKey& root, const BlessingPattern& pattern) override {
    if (auto fits = check_root_pattern(root, pattern); !fits) return fits;
    const std::lock_guard lock(mutex_);
    refresh(SavedFile::Look::kNow);  // another may have taken it away a moment ago
    if (has(state_, root, pattern)) return {};
    State changed;
    auto done = file_.update([&](std::optional<Bytes> newer) -> Result<Bytes> {
      if (newer) {
        if (auto read = take(*newer); !read) return read.error();
      }
      changed = state_;
      if (!has(changed, root, pattern)) changed[std::string(as_text(root.der()))].push_back(pattern);
      return vom::encode(changed);
    });
    if (!done) return done;
    state_ = std::move(changed);
    roots_ = recognized_by(state_);
    return {};
  }

  Result<void> recognized(const PublicKey& root, std::string_view name) const override {
    return current()->recognized(root, name);
  }

  std::map<BlessingPattern, std::vector<PublicKey>> dump() const override { return current()->dump(); }

 private:
  static bool has(const State& state, const PublicKey& root, const BlessingPattern& pattern) {
    const auto found = state.find(std::string(as_text(root.der())));
    if (found == state.end()) return false;
    return std::find(found->second.begin(), found->second.end(), pattern) != found->second.end();
  }

  std::shared_ptr<BlessingRoots> current() const {
    const std::lock_guard lock(mutex_);
    refresh();
    return roots_;
  }

  Result<void> take(BytesView data) const {
    auto read = vom::decode<State>(data);
    if (!read) {
      file_.reject(read.error());
      return read.error();
    }
    state_ = *std::move(read);
    roots_ = recognized_by(state_);
    return {};
  }

  // What cannot be read now leaves us with what we have; it is said once.
  void refresh(SavedFile::Look look = SavedFile::Look::kSeldom) const {
    auto newer = file_.newer(look);
    auto error = newer.error();
    if (newer && *newer) error = take(**newer).error();
    if (error && log_ != nullptr && error.message() != last_complaint_) {
      log_->log(Severity::kError,
                "roots cannot be read again, the ones from before stay: " + std::string(error.message()));
    }
    last_complaint_ = error.message();
  }

  mutable std::mutex mutex_;
  mutable SavedFile file_;
  std::shared_ptr<LogSink> log_;  // shared with the program
  mutable std::string last_complaint_;
  mutable State state_;
  mutable std::shared_ptr<BlessingRoots> roots_;  // shared with those who ask; not changed after it was made
};

}  // namespace

Result<std::shared_ptr<BlessingRoots>> roots_from_bytes(BytesView bytes) {
  const auto state = vom::decode<State>(bytes);
  if (!state) return state.error();
  return recognized_by(*state);
}

Result<std::shared_ptr<BlessingRoots>> disk_roots(SavedFile file, std::shared_ptr<LogSink> log) {
  if (auto whole = file.repair(); !whole) return whole.error();
  auto data = file.newer();
  if (!data) return data.error();
  State state;
  if (*data) {
    auto read = vom::decode<State>(**data);
    if (!read) return read.error().with_message("\"" + file.name() + ".data\": " + std::string(read.error().message()));
    state = *std::move(read);
  }
  return std::shared_ptr<BlessingRoots>(std::make_shared<DiskRoots>(std::move(state), std::move(file), std::move(log)));
}

}  // namespace nb::security

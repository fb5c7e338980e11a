#include "security/disk_store.h"

#include <optional>
#include <string>
#include <utility>

#include "security/store.h"

namespace nb::security {
namespace {

class DiskStore final : public Store {
 public:
  DiskStore(StoreState state, SavedFile file, std::shared_ptr<LogSink> log)
      : Store(std::move(state)), file_(std::move(file)), log_(std::move(log)) {}

 private:
  Result<void> change(StoreState& state, const Change& change) override {
    std::optional<StoreState> changed;
    auto done = file_.update([&](std::optional<Bytes> newer) -> Result<Bytes> {
      if (newer) {
        if (auto read = take(state, *newer); !read) return read.error();
      }
      changed = state;
      if (auto made = change(*changed); !made) return made.error();
      return changed->to_bytes();
    });
    if (done) state = *std::move(changed);
    return done;
  }

  // What cannot be read now leaves us with what we have; it is said once.
  void refresh(StoreState& state) const override {
    auto newer = file_.newer();
    auto error = newer.error();
    if (newer && *newer) error = take(state, **newer).error();
    if (error && log_ != nullptr && error.message() != last_complaint_) {
      log_->log(Severity::kError,
                "blessings cannot be read again, the ones from before stay: " + std::string(error.message()));
    }
    last_complaint_ = error.message();
  }

  void keep_discharge(StoreState& state, const DischargeKey& key, CachedDischarge discharge) override {
    const auto done = change(state, [&](StoreState& changed) -> Result<void> {
      changed.discharges.add(key, discharge);
      return {};
    });
    if (!done) unsaved_.add(key, std::move(discharge));
  }

  void forget_discharges(StoreState& state, const Discharges& discharges) override {
    unsaved_.remove(discharges);
    if (state.discharges.remove(discharges) == 0) return;
    (void)change(state, [&](StoreState& changed) -> Result<void> {
      changed.discharges.remove(discharges);
      return {};
    }).ok();
  }

  std::optional<CachedDischarge> find_discharge(StoreState& state, const DischargeKey& key, Time now) override {
    auto found = unsaved_.find(key, now);
    return found ? found : state.discharges.find(key, now);
  }

  Result<void> take(StoreState& state, BytesView data) const {
    auto read = StoreState::from_bytes(public_key(), data);
    if (!read) {
      file_.reject(read.error());
      return read.error();
    }
    state = *std::move(read);
    return {};
  }

  mutable SavedFile file_;
  std::shared_ptr<LogSink> log_;  // shared with the program
  mutable std::string last_complaint_;
  DischargeCache unsaved_;  // what could not be written
};

}  // namespace

Result<std::shared_ptr<BlessingStore>> disk_store(const PublicKey& key, SavedFile file, std::shared_ptr<LogSink> log) {
  if (auto whole = file.repair(); !whole) return whole.error();
  auto data = file.newer();
  if (!data) return data.error();
  StoreState state(key);
  if (*data) {
    auto read = StoreState::from_bytes(key, **data);
    if (!read) return read.error().with_message("\"" + file.name() + ".data\": " + std::string(read.error().message()));
    state = *std::move(read);
  }
  return std::shared_ptr<BlessingStore>(std::make_shared<DiskStore>(std::move(state), std::move(file), std::move(log)));
}

}  // namespace nb::security

#include "security/signed_files.h"

#include <doctest/doctest.h>

#include <string>

#include "security/saved_file.h"
#include "security/signed_data.h"
#include "security/testing/model_files.h"
#include "security/testing/principals.h"

namespace nb::security {
namespace {

using testing::key_of;
using testing::ModelFiles;

Bytes bytes_of(std::string_view text) { return Bytes(as_bytes(text).begin(), as_bytes(text).end()); }

const PrivateKey& key() {
  static const PrivateKey key = key_of(0x44, KeyAlgorithm::kEd25519);
  return key;
}

SignedFiles files_in(const std::shared_ptr<FileOperations>& files) {
  return SignedFiles(files, "f", "blessingstore", key().public_key());
}

// What load() finds: the text, "nothing", or "refused".
std::string content_of(const ModelFiles& folder) {
  const auto loaded = files_in(std::make_shared<ModelFiles>(folder)).load();
  if (!loaded) return "refused";
  return *loaded ? std::string(as_text(**loaded)) : "nothing";
}

struct Saved {
  ModelFiles folder;
  bool succeeded = false;
};

Saved save(ModelFiles folder, std::string_view text, std::size_t operations = SIZE_MAX) {
  folder.stop_after(operations);
  auto files = std::make_shared<ModelFiles>(std::move(folder));
  const bool succeeded = files_in(files).save(key(), as_bytes(text)).ok();
  return {*files, succeeded};
}

// The old content or the new one, and the new one once the save has said so.
void check_survives(const ModelFiles& folder, const Saved& saved, const std::string& before, const std::string& after) {
  const auto content = content_of(folder);
  CHECK((content == after || (!saved.succeeded && content == before)));
  if (content != before && content != after) MESSAGE(content);
}

// Calls f with the folder after each way to stop a save of `after` in each place.
template <class F>
void stop_everywhere(const ModelFiles& folder, std::string_view after, F&& f) {
  for (std::size_t operations = 0;; ++operations) {
    const auto saved = save(folder, after, operations);
    f(saved);
    if (saved.succeeded && !saved.folder.has_stopped()) break;
    REQUIRE(operations < 100);
  }
}

TEST_CASE("what is saved is loaded") {
  CHECK(content_of(ModelFiles()) == "nothing");
  const auto one = save(ModelFiles(), "one");
  CHECK(one.succeeded);
  CHECK(content_of(one.folder) == "one");
  CHECK(content_of(save(one.folder, "").folder).empty());
  CHECK(content_of(save(one.folder, "two").folder) == "two");
}

TEST_CASE("a program killed at any moment of a save loses nothing, and saves go on afterwards") {
  for (const auto* before : {"nothing", "one"}) {
    const ModelFiles folder = before == std::string("one") ? save(ModelFiles(), "one").folder : ModelFiles();
    stop_everywhere(folder, "two", [&](const Saved& saved) {
      const auto killed = saved.folder.after_kill();
      check_survives(killed, saved, before, "two");
      CHECK(content_of(save(killed, "three").folder) == "three");
    });
  }
}

TEST_CASE("a machine that loses power at any moment of a save loses nothing, whatever of it had lasted") {
  for (const auto* before : {"nothing", "one"}) {
    const ModelFiles folder = before == std::string("one") ? save(ModelFiles(), "one").folder : ModelFiles();
    stop_everywhere(folder, "two", [&](const Saved& saved) {
      for (std::size_t way = 0; way < saved.folder.ways_to_lose_power(); ++way) {
        const auto off = saved.folder.after_power_loss(way);
        check_survives(off, saved, before, "two");
        CHECK(content_of(save(off, "three").folder) == "three");
      }
    });
  }
}

TEST_CASE("a program killed in a save and a machine that loses power in the next one lose nothing either") {
  stop_everywhere(save(ModelFiles(), "one").folder, "two", [&](const Saved& first) {
    const auto killed = first.folder.after_kill();
    const auto before = content_of(killed);
    stop_everywhere(killed, "three", [&](const Saved& second) {
      for (std::size_t way = 0; way < second.folder.ways_to_lose_power(); ++way) {
        const auto content = content_of(second.folder.after_power_loss(way));
        // What the killed program had not been told to be saved may go with the power.
        const bool fine =
            content == "three" || (!second.succeeded && (content == before || (!first.succeeded && content == "one")));
        CHECK(fine);
        if (!fine) MESSAGE(content << " after " << before);
      }
    });
  });
}

TEST_CASE("after a repair the files themselves fit, for others that read them") {
  stop_everywhere(save(ModelFiles(), "one").folder, "two", [&](const Saved& saved) {
    auto files = std::make_shared<ModelFiles>(saved.folder.after_kill());
    const auto found = content_of(*files);
    REQUIRE(files_in(files).repair());
    const auto data = files->read("f/blessingstore.data", 1 << 20).value(),
               signature = files->read("f/blessingstore.sig", 1 << 20).value();
    REQUIRE(data);
    REQUIRE(signature);
    CHECK(std::string(as_text(*data)) == found);
    CHECK(check_signed_data(key().public_key(), *data, *signature));
  });
}

TEST_CASE("leftovers of an older save do not count where the files fit") {
  ModelFiles folder = save(ModelFiles(), "one").folder;
  folder.put("f/blessingstore.data.new", bytes_of("old"));
  folder.put("f/blessingstore.sig.new", sign_data(key(), as_bytes("old")).value());
  CHECK(content_of(folder) == "one");
  const auto next = save(folder, "two").folder;
  CHECK(content_of(next) == "two");
  CHECK_FALSE(ModelFiles(next).read("f/blessingstore.data.new", 9).value());
}

// Files of somebody who is writing them while they are read: their content is whole from the second look on.
class BeingWritten final : public FileOperations {
 public:
  BeingWritten(ModelFiles before, ModelFiles after) : before_(std::move(before)), after_(std::move(after)) {}
  Result<std::optional<FileStamp>> stamp(const std::string& path) override {
    if (path.ends_with(".data")) ++looks_;
    return now().stamp(path);
  }
  Result<std::optional<Bytes>> read(const std::string& path, std::size_t max) override { return now().read(path, max); }
  Result<int> create(const std::string& path, unsigned mode) override { return now().create(path, mode); }
  Result<void> write(int file, BytesView bytes) override { return now().write(file, bytes); }
  Result<void> sync(int file) override { return now().sync(file); }
  void close(int file) override { now().close(file); }
  Result<void> rename(const std::string& from, const std::string& to) override { return now().rename(from, to); }
  Result<void> remove(const std::string& path) override { return now().remove(path); }
  Result<void> sync_folder(const std::string& path) override { return now().sync_folder(path); }

 private:
  ModelFiles& now() { return looks_ <= 2 ? before_ : after_; }
  ModelFiles before_, after_;
  int looks_ = 0;
};

TEST_CASE("[A-50] leftovers are not taken for the state while somebody writes a newer one in place") {
  ModelFiles after = save(ModelFiles(), "new").folder;
  after.put("f/blessingstore.data.new", bytes_of("old"));
  after.put("f/blessingstore.sig.new", sign_data(key(), as_bytes("old")).value());
  ModelFiles half = after;
  half.put("f/blessingstore.data", bytes_of("newer, half of i"));
  SavedFile file(std::make_shared<BeingWritten>(half, after), "f", "blessingstore", "lock", key().public_key(),
                 PrivateKey(), SavedFile::Access::kReadOnly);
  const auto data = file.newer();
  REQUIRE(data);
  REQUIRE(*data);
  CHECK(as_text(**data) == "new");
}

TEST_CASE("[A-50] data that was changed, a missing file and files of somebody else are refused") {
  const ModelFiles good = save(ModelFiles(), "one").folder;
  auto changed = good;
  changed.put("f/blessingstore.data", bytes_of("onE"));
  CHECK(content_of(changed) == "refused");
  auto without_signature = ModelFiles();
  without_signature.put("f/blessingstore.data", bytes_of("one"));
  CHECK(content_of(without_signature) == "refused");
  auto without_data = ModelFiles();
  without_data.put("f/blessingstore.sig", sign_data(key(), as_bytes("one")).value());
  CHECK(content_of(without_data) == "refused");
  auto foreign = good;
  foreign.put("f/blessingstore.sig", sign_data(key_of(0x66), as_bytes("one")).value());
  CHECK(content_of(foreign) == "refused");
  auto foreign_fresh = changed;
  foreign_fresh.put("f/blessingstore.data.new", bytes_of("two"));
  foreign_fresh.put("f/blessingstore.sig.new", sign_data(key_of(0x66), as_bytes("two")).value());
  CHECK(content_of(foreign_fresh) == "refused");
  // And nothing is written over them.
  CHECK_FALSE(save(changed, "two").succeeded);
}

}  // namespace
}  // namespace nb::security

#include <nb/security/credentials.h>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include <nb/security/caveat.h>

#include "security/file_lock.h"
#include "security/signed_data.h"
#include "security/testing/principals.h"
#include "security/testing/temporary_folder.h"
#include "v.io/x/ref/lib/security/security.vdl.h"

namespace nb {
namespace {

using security::FileLock;
using security::testing::content_of;
using security::testing::key_of;
using security::testing::mode_of;
using security::testing::TemporaryFolder;
using security::testing::write_file;
using v23::security::DischargeImpetus;
using x::ref::lib::security::errBadPassphrase;
using x::ref::lib::security::errPassphraseRequired;

struct Log final : LogSink {
  void log(Severity severity, std::string_view message) override {
    const std::lock_guard lock(mutex);
    lines.push_back(std::string(to_string(severity)) + ": " + std::string(message));
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

std::set<std::string> files_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

// So long passes between any two looks that each of them is taken.
class RestlessClock final : public Clock {
 public:
  Steady now() const override { return Steady(std::chrono::seconds(++looks_)); }
  Wall wall_now() const override { return {}; }

 private:
  mutable std::atomic<std::int64_t> looks_{0};
};

CredentialsOptions restless() { return CredentialsOptions().clock(std::make_shared<RestlessClock>()); }

// A folder with a key in plain text, blessed as alice.
struct Alice {
  Alice() {
    auto made = create_credentials(folder, key_of(0x11), restless());
    principal = *made;
    const auto self = principal->bless_self("alice").value();
    principal->set_default_blessings(self).value();
  }
  Result<std::shared_ptr<const Principal>> open(const CredentialsOptions& options = restless()) const {
    return open_credentials(folder, options);
  }
  std::string file(const std::string& name) const { return folder + '/' + name; }

  TemporaryFolder temporary;
  std::string folder = temporary / "alice";
  std::shared_ptr<const Principal> principal;
};

TEST_CASE("new credentials have the files and modes that Go's tools expect") {
  TemporaryFolder temporary;
  const auto folder = temporary / "a/b";
  const auto principal = create_credentials(folder);
  REQUIRE(principal);
  CHECK((*principal)->can_sign());
  CHECK(files_in(folder) ==
        std::set<std::string>{"blessingroots.lock", "blessings.lock", "dir.lock", "privatekey.pem", "publickey.pem"});
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(temporary / "a") == 0700);
  CHECK(mode_of(folder + "/privatekey.pem") == 0400);
  CHECK(mode_of(folder + "/publickey.pem") == 0400);
  CHECK(content_of(folder + "/privatekey.pem").starts_with("-----BEGIN PRIVATE KEY-----\n"));
  CHECK(content_of(folder + "/publickey.pem") == (*principal)->public_key().pem());
  CHECK((*open_credentials(folder))->public_key() == (*principal)->public_key());

  CHECK((*principal)->set_default_blessings((*principal)->bless_self("a").value()));
  CHECK(files_in(folder).size() == 9);
}

TEST_CASE("credentials of each kind of key are made, written and opened") {
  for (const auto type :
       {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519, KeyType::kRsa2048}) {
    CAPTURE(std::string(to_string(type)));
    TemporaryFolder temporary;
    const auto made = create_credentials(temporary / "c", type).value();
    const auto self = made->bless_self("me").value();
    CHECK(made->set_default_blessings(self));
    const auto opened = open_credentials(temporary / "c").value();
    CHECK(opened->store().default_blessings() == self);
    CHECK(opened->roots().recognized(made->public_key(), "me:x"));
  }
}

TEST_CASE("keys that are there are not overwritten, what is left of an interrupted creation is") {
  Alice alice;
  const auto before = content_of(alice.file("privatekey.pem"));
  CHECK(verror::Exist.matches(create_credentials(alice.folder).error()));
  CHECK(content_of(alice.file("privatekey.pem")) == before);
  // Without its private key the folder is still somebody's.
  std::filesystem::rename(alice.file("privatekey.pem"), alice.file("elsewhere"));
  CHECK(verror::Exist.matches(create_credentials(alice.folder).error()));

  TemporaryFolder temporary;
  std::filesystem::create_directory(temporary / "c");
  write_file(temporary / "c/publickey.pem", "x");
  write_file(temporary / "c/privatekey.pem.new", "y");
  CHECK(create_credentials(temporary / "c"));
  CHECK(open_credentials(temporary / "c"));
  CHECK_FALSE(std::filesystem::exists(temporary / "c/privatekey.pem.new"));
}

TEST_CASE("what cannot be a folder is said") {
  TemporaryFolder temporary;
  write_file(temporary / "file", "");
  CHECK_FALSE(create_credentials(temporary / "file"));
  CHECK_FALSE(create_credentials(temporary / "file/below"));
  CHECK(verror::NoExist.matches(open_credentials(temporary / "nothing").error()));
  CHECK_FALSE(std::filesystem::exists(temporary / "nothing"));
  CHECK(verror::BadArg.matches(
      create_credentials(temporary / "c", KeyType::kEd25519, CredentialsOptions().read_only()).error()));
}

TEST_CASE("blessings, roots and discharges are there when the folder is opened again") {
  Alice alice;
  const auto caveat =
      third_party_caveat(alice.principal->public_key(), "d", DischargeRequirements(), {unconstrained_use()}).value();
  const auto discharge = alice.principal->mint_discharge(caveat, unconstrained_use()).value();
  const auto friends = alice.principal->bless_self("friend").value();
  CHECK(alice.principal->store().set(friends, BlessingPattern("bob")));
  alice.principal->store().cache_discharge(discharge, caveat, DischargeImpetus(), Time::now());

  const auto again = alice.open().value();
  CHECK(again->store().default_blessings().to_string() == "alice");
  CHECK(again->store().for_peer({"bob"}).claimed_names() == std::vector<std::string>{"alice", "friend"});
  CHECK(again->store().peer_blessings() == alice.principal->store().peer_blessings());
  CHECK(again->store().to_string() == alice.principal->store().to_string());
  CHECK(again->roots().recognized(alice.principal->public_key(), "alice:phone"));
  CHECK_FALSE(again->roots().recognized(alice.principal->public_key(), "bob"));
  CHECK(again->store().discharge(caveat, DischargeImpetus(), Time::now())->discharge == discharge);
  again->store().clear_discharges({discharge});
  CHECK_FALSE(alice.principal->store().discharge(caveat, DischargeImpetus(), Time::now()));
}

TEST_CASE("what one process changes, the others see, and nobody undoes it") {
  Alice alice;
  const auto other = alice.open().value();
  std::vector<std::string> heard;
  const auto token = other->store().on_default_changed([&](const Blessings& now) { heard.push_back(now.to_string()); });
  const auto hub = alice.principal->bless_self("hub").value(), tv = alice.principal->bless_self("tv").value();
  CHECK(alice.principal->store().set(hub, BlessingPattern("hub")));
  CHECK(other->store().set(tv, BlessingPattern("tv")));
  CHECK(other->store().peer_blessings().size() == 3);
  CHECK(alice.principal->store().peer_blessings().size() == 3);
  CHECK(other->roots().add(key_of(0x66).public_key(), BlessingPattern("carol")));
  CHECK(alice.principal->roots().add(key_of(0x77).public_key(), BlessingPattern("dave")));
  CHECK(alice.principal->roots().recognized(key_of(0x66).public_key(), "carol"));
  CHECK(other->roots().recognized(key_of(0x77).public_key(), "dave:x"));
  CHECK(other->roots().dump() == alice.principal->roots().dump());

  CHECK(alice.principal->store().set_default(hub));
  CHECK(other->store().default_blessings() == hub);
  CHECK(heard == std::vector<std::string>{"hub"});
}

TEST_CASE("what another process has changed counts a tenth of a second later, and the folder is not looked at before") {
  Alice alice;
  const auto clock = std::make_shared<HandClock>();
  const auto log = std::make_shared<Log>();
  const auto other = alice.open(CredentialsOptions().clock(clock).log(log)).value();
  const auto key = key_of(0x66).public_key();
  const auto hub = alice.principal->bless_self("hub").value();
  const auto is_known = [&] { return other->roots().recognized(key, "carol").ok(); };
  CHECK(other->store().default_blessings().to_string() == "alice");
  CHECK_FALSE(is_known());
  CHECK(alice.principal->store().set_default(hub));
  CHECK(alice.principal->roots().add(key, BlessingPattern("carol")));
  clock->advance(std::chrono::milliseconds(99));
  CHECK(other->store().default_blessings().to_string() == "alice");
  CHECK_FALSE(is_known());
  clock->advance(std::chrono::milliseconds(1));
  CHECK(other->store().default_blessings() == hub);
  CHECK(is_known());

  // A change is made on top of the latest state, however long ago that was looked at.
  CHECK(alice.principal->store().set(hub, BlessingPattern("tv")));
  CHECK(other->store().set(hub, BlessingPattern("radio")));
  CHECK(other->store().peer_blessings().contains(BlessingPattern("tv")));
  CHECK(alice.principal->store().peer_blessings().contains(BlessingPattern("radio")));

  // What cannot be read is complained of once, and what was there before stays.
  clock->advance(std::chrono::milliseconds(100));
  const auto whole = content_of(alice.file("blessingroots.sig"));
  write_file(alice.file("blessingroots.sig"), "no signature");
  for (int again = 0; again < 3; ++again) {
    CHECK(is_known());
    CHECK(is_known());
    clock->advance(std::chrono::milliseconds(50));
  }
  CHECK(log->lines.size() == 1);
  write_file(alice.file("blessingroots.sig"), whole);
  clock->advance(std::chrono::milliseconds(100));
  CHECK(is_known());
  CHECK(log->lines.size() == 1);
}

TEST_CASE("many that change one folder at once lose nothing") {
  Alice alice;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto mine = alice.open().value();
      const auto self = mine->bless_self("n" + std::to_string(i)).value();
      for (int j = 0; j < 5; ++j) {
        const BlessingPattern pattern("p" + std::to_string(i) + ":" + std::to_string(j));
        CHECK(mine->store().set(self, pattern));
        CHECK(mine->roots().add(alice.principal->public_key(), pattern));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(alice.principal->store().peer_blessings().size() == 21);
  CHECK(alice.principal->roots().dump().size() == 21);
}

TEST_CASE("locks are those that Go takes: flock, whole files") {
  TemporaryFolder temporary;
  const auto path = temporary / "x.lock";
  const auto can_lock = [&](int kind) {
    const int file = ::open(path.c_str(), O_RDWR);
    const bool locked = ::flock(file, kind | LOCK_NB) == 0;
    ::close(file);
    return locked;
  };
  {
    const auto exclusive = FileLock::lock(path, FileLock::Mode::kExclusive);
    REQUIRE(exclusive);
    CHECK_FALSE(can_lock(LOCK_SH));
    CHECK_FALSE(can_lock(LOCK_EX));
  }
  {
    const auto one = FileLock::lock(path, FileLock::Mode::kShared), two = FileLock::lock(path, FileLock::Mode::kShared);
    REQUIRE(two);
    CHECK(can_lock(LOCK_SH));
    CHECK_FALSE(can_lock(LOCK_EX));
  }
  CHECK(can_lock(LOCK_EX));
  CHECK(std::filesystem::file_size(path) == 0);
}

TEST_CASE("[A-50] a folder whose data or signature was changed is refused") {
  for (const std::string name : {"blessingstore", "blessingroots"}) {
    for (const auto* kind : {".data", ".sig"}) {
      CAPTURE(name + kind);
      Alice alice;
      auto content = content_of(alice.file(name + kind));
      content[content.size() - 8] = static_cast<char>(content[content.size() - 8] ^ 1);
      write_file(alice.file(name + kind), content);
      const auto opened = alice.open();
      CHECK_FALSE(opened);
      CHECK(opened.error().message().find(name) != std::string::npos);
      CHECK_FALSE(alice.open(restless().read_only()));
      std::filesystem::remove(alice.file(name + kind));
      CHECK_FALSE(alice.open());
    }
  }
}

TEST_CASE("[A-50] the files of another principal are refused") {
  Alice alice;
  TemporaryFolder temporary;
  const auto bob = create_credentials(temporary / "bob", key_of(0x66)).value();
  CHECK(bob->set_default_blessings(bob->bless_self("bob").value()));
  for (const auto* name : {"blessingstore.data", "blessingstore.sig"}) {
    write_file(alice.file(name), content_of(temporary / "bob/" + name));
  }
  CHECK_FALSE(alice.open());
}

TEST_CASE("[A-50] blessings of another key are refused, rightly signed though they are") {
  Alice alice;
  x::ref::lib::security::blessingStoreState state;
  state.DefaultBlessings = security::testing::principal_of(0x66)->bless_self("bob").value().wire();
  const auto data = vom::encode(state).value();
  write_file(alice.file("blessingstore.data"), as_text(data));
  write_file(alice.file("blessingstore.sig"), as_text(security::sign_data(key_of(0x11), data).value()));
  CHECK_FALSE(alice.open());
}

TEST_CASE("[A-50] what is changed behind a running program's back is not believed and not overwritten") {
  Alice alice;
  const auto log = std::make_shared<Log>();
  const auto opened = alice.open(restless().log(log)).value();
  for (const std::string name : {"blessingstore.data", "blessingroots.data"}) {
    auto content = content_of(alice.file(name));
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    write_file(alice.file(name), content);
    CHECK(opened->store().default_blessings().to_string() == "alice");
    CHECK(opened->store().for_peer({"x"}).to_string() == "alice");
    CHECK(opened->roots().recognized(opened->public_key(), "alice"));
  }
  CHECK_FALSE(opened->store().set_default(Blessings()));
  CHECK_FALSE(opened->roots().add(key_of(0x66).public_key(), BlessingPattern("carol")));
  CHECK_FALSE(alice.open());
  CHECK(log->lines.size() == 2);
}

TEST_CASE("what a running program finds saved and cannot understand, it does not write over") {
  Alice alice;
  const auto log = std::make_shared<Log>();
  const auto opened = alice.open(restless().log(log)).value();
  // Signed by the owner of the folder, so perhaps made by a newer program.
  for (const std::string name : {"blessingstore", "blessingroots"}) {
    const auto data = vom::encode(std::string("another format")).value();
    write_file(alice.file(name + ".data"), as_text(data));
    write_file(alice.file(name + ".sig"), as_text(security::sign_data(key_of(0x11), data).value()));
  }
  for (int again = 0; again < 2; ++again) {
    CHECK(opened->store().default_blessings().to_string() == "alice");
    CHECK(opened->roots().recognized(opened->public_key(), "alice"));
    CHECK_FALSE(opened->store().set_default(Blessings()));
    CHECK_FALSE(opened->roots().add(key_of(0x66).public_key(), BlessingPattern("carol")));
  }
  CHECK(log->lines.size() == 2);
  CHECK(vom::decode<std::string>(as_bytes(content_of(alice.file("blessingstore.data")))).value() == "another format");
}

TEST_CASE("[A-51] an encrypted key opens with its passphrase only") {
  TemporaryFolder temporary;
  const auto folder = temporary / "c";
  const auto with = [](const std::string& text) { return CredentialsOptions().passphrase(Passphrase(text)); };
  const auto made = create_credentials(folder, KeyType::kEcdsa256, with("open sesame")).value();
  CHECK(content_of(folder + "/privatekey.pem").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  CHECK(made->set_default_blessings(made->bless_self("me").value()));
  CHECK(open_credentials(folder, with("open sesame")).value()->can_sign());
  CHECK(errPassphraseRequired.matches(open_credentials(folder).error()));
  CHECK(errBadPassphrase.matches(open_credentials(folder, with("sesame")).error()));
  CHECK(errBadPassphrase.matches(open_credentials(folder, with("sesame").read_only()).error()));

  // Read only and without passphrase, it can still check others.
  const auto log = std::make_shared<Log>();
  const auto reader = open_credentials(folder, CredentialsOptions().read_only().log(log)).value();
  CHECK_FALSE(reader->can_sign());
  CHECK(reader->public_key() == made->public_key());
  CHECK(reader->store().default_blessings().to_string() == "me");
  REQUIRE(log->lines.size() == 1);
  CHECK(log->lines[0].starts_with("error: "));
}

TEST_CASE("[A-51] key files that are cut off, empty, missing, too large or do not belong together are refused") {
  for (const std::string name : {"privatekey.pem", "publickey.pem"}) {
    CAPTURE(name);
    Alice alice;
    const auto whole = content_of(alice.file(name));
    const auto refused_with = [&](std::string_view content) {
      write_file(alice.file(name), content);
      ::chmod(alice.file(name).c_str(), 0400);
      const auto opened = alice.open();
      CHECK_FALSE(opened);
      CHECK(opened.error().message().size() > 20);
      CHECK(opened.error().message().find("BEGIN") == std::string::npos);
    };
    for (const auto size : {whole.size() - 3, whole.size() - 30, whole.size() / 2, std::size_t{30}, std::size_t{0}}) {
      refused_with(whole.substr(0, size));
    }
    refused_with("garbage");
    refused_with(std::string(100'000, 'x'));
    const auto stranger = key_of(0x66);
    refused_with(name == "privatekey.pem" ? stranger.to_pem().value() : stranger.public_key().pem());
    CHECK(alice.open().error().message().find("is not the one that publickey.pem belongs to") != std::string::npos);
    std::filesystem::remove(alice.file(name));
    CHECK(verror::NoExist.matches(alice.open().error()));
    write_file(alice.file(name), whole);
    ::chmod(alice.file(name).c_str(), 0400);
    CHECK(alice.open());
  }
}

TEST_CASE("[A-52] a private key that others may read is refused, or warned of when that was asked for") {
  Alice alice;
  for (const unsigned mode : {0440u, 0404u, 0644u, 0420u, 0401u}) {
    CAPTURE(mode);
    ::chmod(alice.file("privatekey.pem").c_str(), mode);
    CHECK(verror::NoAccess.matches(alice.open().error()));
    CHECK(verror::NoAccess.matches(alice.open(restless().read_only()).error()));
    const auto log = std::make_shared<Log>();
    CHECK(alice.open(restless().accept_readable_key().log(log)));
    REQUIRE(log->lines.size() == 1);
    CHECK(log->lines[0].starts_with("warning: "));
  }
  for (const unsigned mode : {0600u, 0400u}) {
    ::chmod(alice.file("privatekey.pem").c_str(), mode);
    CHECK(alice.open());
  }
}

TEST_CASE("[A-52] a folder in which others can write is refused, or warned of when that was asked for") {
  Alice alice;
  for (const unsigned mode : {0770u, 0720u, 0702u, 0777u}) {
    CAPTURE(mode);
    ::chmod(alice.folder.c_str(), mode);
    const auto refused = alice.open();
    CHECK(verror::NoAccess.matches(refused.error()));
    CHECK(refused.error().message().find("chmod 700") != std::string_view::npos);
    CHECK(verror::NoAccess.matches(alice.open(restless().read_only()).error()));
    const auto log = std::make_shared<Log>();
    CHECK(alice.open(restless().accept_readable_key().log(log)));
    REQUIRE(log->lines.size() == 1);
    CHECK(log->lines[0].starts_with("warning: "));
  }
  for (const unsigned mode : {0700u, 0755u, 0500u}) {
    ::chmod(alice.folder.c_str(), mode);
    CHECK(alice.open(restless().read_only()));
  }
  // No key is put into such a folder.
  ::chmod(alice.folder.c_str(), 0777);
  std::filesystem::remove(alice.file("privatekey.pem"));
  std::filesystem::remove(alice.file("publickey.pem"));
  CHECK(verror::NoAccess.matches(create_credentials(alice.folder, key_of(0x11)).error()));
  CHECK_FALSE(std::filesystem::exists(alice.file("privatekey.pem")));
}

TEST_CASE("[A-52] a key or folder of another user is refused") {
  if (::geteuid() != 0) return;  // only root can give files away, and for root its own are those of root
  constexpr ::uid_t kNobody = 65534;
  Alice alice;
  CHECK(::chown(alice.file("privatekey.pem").c_str(), kNobody, kNobody) == 0);
  CHECK(verror::NoAccess.matches(alice.open().error()));
  CHECK(::chown(alice.file("privatekey.pem").c_str(), 0, 0) == 0);
  CHECK(alice.open());
  CHECK(::chown(alice.folder.c_str(), kNobody, kNobody) == 0);
  CHECK(verror::NoAccess.matches(alice.open().error()));
  CHECK(alice.open(restless().accept_readable_key()));
}

TEST_CASE("read only, nothing is written and no lock is needed, but changes of others are seen") {
  Alice alice;
  for (const auto* name : {"dir.lock", "blessings.lock", "blessingroots.lock"})
    std::filesystem::remove(alice.file(name));
  const auto files = files_in(alice.folder);
  const auto reader = alice.open(restless().read_only()).value();
  CHECK(reader->can_sign());
  CHECK(reader->store().default_blessings().to_string() == "alice");
  CHECK(verror::BadState.matches(reader->store().set_default(Blessings()).error()));
  CHECK(verror::BadState.matches(reader->store().set(Blessings(), BlessingPattern("...")).error()));
  CHECK(verror::BadState.matches(reader->roots().add(key_of(0x66).public_key(), BlessingPattern("carol")).error()));
  CHECK(files_in(alice.folder) == files);

  const auto hub = alice.principal->bless_self("hub").value();
  CHECK(alice.principal->store().set_default(hub));
  CHECK(alice.principal->add_to_roots(hub));
  CHECK(reader->store().default_blessings() == hub);
  CHECK(reader->roots().recognized(reader->public_key(), "hub"));
}

TEST_CASE("read only, discharges are kept in memory, also when the folder changes") {
  Alice alice;
  const auto reader = alice.open(restless().read_only()).value();
  const auto caveat =
      third_party_caveat(reader->public_key(), "d", DischargeRequirements(), {unconstrained_use()}).value();
  const auto discharge = reader->mint_discharge(caveat, unconstrained_use()).value();
  reader->store().cache_discharge(discharge, caveat, DischargeImpetus(), Time::now());
  CHECK(alice.principal->store().set_default(Blessings()));
  CHECK(reader->store().default_blessings().is_zero());
  CHECK(reader->store().discharge(caveat, DischargeImpetus(), Time::now())->discharge == discharge);
  CHECK_FALSE(alice.principal->store().discharge(caveat, DischargeImpetus(), Time::now()));
  reader->store().clear_discharges({discharge});
  CHECK_FALSE(reader->store().discharge(caveat, DischargeImpetus(), Time::now()));
}

TEST_CASE("a save that was stopped between its two renamings is finished by the next one, and read before") {
  Alice alice;
  const auto old_data = content_of(alice.file("blessingstore.data"));
  CHECK(alice.principal->store().set_default(alice.principal->bless_self("hub").value()));
  // The signature has its name already, the data has not.
  std::filesystem::rename(alice.file("blessingstore.data"), alice.file("blessingstore.data.new"));
  write_file(alice.file("blessingstore.data"), old_data);
  CHECK(alice.open(restless().read_only()).value()->store().default_blessings().to_string() == "hub");
  const auto opened = alice.open().value();
  CHECK(opened->store().default_blessings().to_string() == "hub");
  // Who opened it to write has put it right, for Go too.
  CHECK_FALSE(std::filesystem::exists(alice.file("blessingstore.data.new")));
  CHECK(content_of(alice.file("blessingstore.data")) != old_data);
  CHECK(opened->store().set(Blessings(), BlessingPattern("x")));
  CHECK(alice.open().value()->store().default_blessings().to_string() == "hub");
}

TEST_CASE("patterns and keys that Go let into the roots stay there and recognize nothing") {
  Alice alice;
  x::ref::lib::security::blessingRootsState state;
  const auto der = alice.principal->public_key().der();
  state[std::string(as_text(der))] = {BlessingPattern("alice"), BlessingPattern("$"), BlessingPattern("")};
  state[std::string("\xff\x00\x80 no key", 10)] = {BlessingPattern("bob")};
  const auto data = vom::encode(state).value();
  write_file(alice.file("blessingroots.data"), as_text(data));
  write_file(alice.file("blessingroots.sig"), as_text(security::sign_data(key_of(0x11), data).value()));
  const auto opened = alice.open().value();
  CHECK(opened->roots().dump().size() == 1);
  CHECK(opened->roots().recognized(opened->public_key(), "alice"));
  CHECK(opened->roots().add(opened->public_key(), BlessingPattern("hub")));
  const auto saved = content_of(alice.file("blessingroots.data"));
  state[std::string(as_text(der))].push_back(BlessingPattern("hub"));
  CHECK(vom::decode<x::ref::lib::security::blessingRootsState>(as_bytes(saved)).value() == state);
  CHECK(verror::BadArg.matches(opened->roots().add(opened->public_key(), BlessingPattern("...")).error()));
}

}  // namespace
}  // namespace nb

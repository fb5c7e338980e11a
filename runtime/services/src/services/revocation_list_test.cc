#include <nb/services/revocation_list.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <thread>
#include <vector>

#include <nb/base/verror.h>

#include "security/testing/temporary_folder.h"

namespace nb {
namespace {

using security::testing::content_of;
using security::testing::mode_of;
using security::testing::TemporaryFolder;
using security::testing::write_file;

constexpr const char* kOne = "KufAtXSiyo6vgO98FLmJlUbqN2IpWlg9Bu1bymbLlKk=";
constexpr const char* kTwo = "AAAAtXSiyo6vgO98FLmJlUbqN2IpWlg9Bu1bymbLlKk=";

TEST_CASE("ids are revoked and restored, in memory and in a file") {
  TemporaryFolder temporary;
  for (const auto& list : {memory_revocations(), create_file_revocations(temporary / "revoked").value()}) {
    CHECK_FALSE(*list->is_revoked(kOne));
    CHECK(list->revoke(kOne));
    CHECK(list->revoke(kOne));
    CHECK(*list->is_revoked(kOne));
    CHECK_FALSE(*list->is_revoked(kTwo));
    CHECK(list->revoke(kTwo));
    CHECK(*list->revoked() == std::set<std::string>{kTwo, kOne});
    CHECK(list->restore(kOne));
    CHECK(list->restore(kOne));
    CHECK_FALSE(*list->is_revoked(kOne));
    for (const auto* no_id : {"", "a b", "a\nb", "\xff"}) CHECK(verror::BadArg.matches(list->revoke(no_id).error()));
    CHECK_FALSE(list->revoke(std::string(89, 'a')));
  }
}

TEST_CASE("a file of revocations is there again after a restart, and shared between processes") {
  TemporaryFolder temporary;
  const auto path = temporary / "revoked";
  const auto one = create_file_revocations(path).value(), two = file_revocations(path).value();
  CHECK(one->revoke(kOne));
  CHECK(*two->is_revoked(kOne));
  CHECK(two->revoke(kTwo));
  CHECK(*one->is_revoked(kTwo));
  CHECK(content_of(path) == std::string(kTwo) + '\n' + kOne + '\n');
  CHECK(mode_of(path) == 0600);
  CHECK(file_revocations(path).value()->revoked()->size() == 2);
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("a list of revocations that is not there is not an empty one") {
  TemporaryFolder temporary;
  const auto path = temporary / "revoked";
  CHECK(verror::NoExist.matches(file_revocations(path).error()));
  CHECK_FALSE(std::filesystem::exists(path));
  REQUIRE(create_file_revocations(path).value()->revoke(kOne));
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path + ".lock") == 0600);
  CHECK(verror::Exist.matches(create_file_revocations(path).error()));
  CHECK(*file_revocations(path).value()->is_revoked(kOne));
  std::filesystem::remove(path);
  CHECK(verror::NoExist.matches(file_revocations(path).error()));
}

TEST_CASE("what is left of a save that was cut short does no harm") {
  TemporaryFolder temporary;
  const auto path = temporary / "revoked";
  CHECK(create_file_revocations(path).value()->revoke(kOne));
  write_file(path + ".new", "half a li");
  const auto list = file_revocations(path).value();
  CHECK(*list->is_revoked(kOne));
  CHECK(list->revoke(kTwo));
  CHECK(file_revocations(path).value()->revoked()->size() == 2);
}

TEST_CASE("a file that is gone or makes no sense is an error and is not overwritten") {
  TemporaryFolder temporary;
  const auto path = temporary / "revoked";
  const auto list = create_file_revocations(path).value();
  CHECK(list->revoke(kOne));
  for (const std::string content : {"no id\n", "cutoff", "\n"}) {
    CAPTURE(content);
    write_file(path, content);
    CHECK_FALSE(list->is_revoked(kOne));
    CHECK_FALSE(list->revoke(kTwo));
    CHECK_FALSE(file_revocations(path));
    CHECK(content_of(path) == content);
  }
  std::filesystem::remove(path);
  CHECK_FALSE(list->is_revoked(kOne));
  CHECK_FALSE(list->revoke(kTwo));
}

TEST_CASE("many that revoke at once lose nothing") {
  TemporaryFolder temporary;
  const auto path = temporary / "revoked";
  REQUIRE(create_file_revocations(path));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto list = file_revocations(path).value();
      for (int j = 0; j < 10; ++j) CHECK(list->revoke("id" + std::to_string(i) + "/" + std::to_string(j)));
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(file_revocations(path).value()->revoked()->size() == 40);
}

}  // namespace
}  // namespace nb

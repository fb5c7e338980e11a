#include "flow/setup.h"

#include <doctest/doctest.h>

#include "flow/codec.h"
#include "flow/hex.h"

namespace nb::flow {
namespace {

using testing::bytes;
using testing::from_hex;
using testing::to_hex;

SetupInfo one_end(std::uint64_t mtu = 65536, std::uint64_t tokens = 1 << 20) {
  SetupInfo info;
  info.versions = {14, 14};
  info.key = SetupKey{1};
  info.mtu = mtu;
  info.shared_tokens = tokens;
  return info;
}

Result<SetupInfo> read_one(std::uint64_t code, Bytes value) { return read_setup(Setup{14, 14, {{code, value}}}); }

bool says(const Error& error, std::string_view text) { return error.message().find(text) != std::string_view::npos; }

TEST_CASE("the dialer's Setup of the worked example is made and read") {
  SetupInfo info;
  info.versions = {10, 14};
  SetupKey key{};
  const Bytes key_bytes = from_hex("493e82fc74464a59268817623d2053c5eb8e2cc4a988b4fee179ec6b010d531d");
  std::copy(key_bytes.begin(), key_bytes.end(), key.begin());
  info.key = key;
  info.remote = *naming::parse_endpoint("@6@tcp@127.0.0.1:8101@@000000000000000000000000dabbad00@s@server@@");
  info.local = *naming::parse_endpoint("@6@tcp@127.0.0.1:54321@@00000000000000000000000000000000@s@@@");
  info.mtu = 65536;
  info.shared_tokens = 1 << 20;
  const Bytes encoded = encode(make_setup(info));
  CHECK(
      to_hex(encoded) ==
      "7e0a0e0120493e82fc74464a59268817623d2053c5eb8e2cc4a988b4fee179ec6b010d531d024240364074637040313237"
      "2e302e302e313a383130314040303030303030303030303030303030303030303030303030646162626164303040734073"
      "6572766572404003"
      "3d403640746370403132372e302e302e313a3534333231404030303030303030303030303030303030303030303030303030303030303030"
      "3040734040400404fd0100000504fd100000");
  const auto again = read_setup(std::get<Setup>(*decode(encoded)));
  REQUIRE(again);
  CHECK(again->key == info.key);
  CHECK(again->remote == info.remote);
  CHECK(again->local == info.local);
  CHECK(again->mtu == info.mtu);
  CHECK(again->shared_tokens == info.shared_tokens);
}

TEST_CASE("unknown options survive in order, and endpoints that are none are left out") {
  const Bytes encoded = from_hex("7e0e0e 0401fe 090161 fe6763 0101 0900");
  CHECK(!read_setup(std::get<Setup>(*decode(encoded))));  // the MTU is cut
  const Bytes good = from_hex("7e0e0e 0904 61626364 0403fe1000 09 00 fe6763 0101");
  const Message message = *decode(good);
  CHECK(encode(message) == good);
  CHECK(read_setup(std::get<Setup>(message))->mtu == 4096);
  SetupInfo info = one_end();
  info.local = naming::Endpoint{};
  CHECK(make_setup(info).options.size() == 3);
}

TEST_CASE("[15.2] what a Setup may not say is refused") {
  CHECK(says(read_one(1, Bytes(31, 1)).error(), "32 bytes"));
  CHECK(says(read_one(1, Bytes(33, 1)).error(), "32 bytes"));
  CHECK(says(read_one(1, Bytes(32, 0)).error(), "all zero"));
  CHECK(says(read_one(2, Bytes(4097, 'a')).error(), "longer than 4096"));
  CHECK(read_one(3, bytes("nonsense")).error());
  CHECK(says(read_one(4, from_hex("fe1000 00")).error(), "not one integer"));
  CHECK(says(read_one(4, {}).error(), "not one integer"));
  CHECK(says(read_one(5, from_hex("80")).error(), "not one integer"));
  CHECK(says(read_one(4, from_hex("fe03ff")).error(), "MTU is 1023"));
  CHECK(says(read_one(4, from_hex("fc01000001")).error(), "MTU is 16777217"));
  CHECK(read_one(4, from_hex("fe0400")).ok());
  CHECK(read_one(4, from_hex("fc01000000")).ok());
  CHECK(says(read_setup(Setup{14, 14, {{5, {1}}, {5, {1}}}}).error(), "option 5 appears twice"));
  CHECK(read_setup(Setup{14, 14, {{9, {1}}, {9, {1}}}}).ok());
  CHECK(says(read_setup(Setup{14, 14, std::vector<SetupOption>(33, {9, {}})}).error(), "more than 32 options"));
  CHECK(read_setup(Setup{14, 14, std::vector<SetupOption>(32, {9, {}})}).ok());
}

TEST_CASE("MTU and pool are the smaller of both ends") {
  CHECK(agree(one_end(65536), one_end(4096), Role::kDialer)->mtu == 4096);
  CHECK(agree(one_end(4096), one_end(65536), Role::kDialer)->mtu == 4096);
  CHECK(agree(one_end(4096, 5000), one_end(4096, 9000), Role::kDialer)->pool == 5000);
  CHECK(agree(one_end(4096, 9000), one_end(4096, 5000), Role::kDialer)->pool == 5000);
  SetupInfo silent;
  silent.versions = {14, 14};
  silent.key = SetupKey{2};
  CHECK(agree(one_end(4096, 9000), silent, Role::kDialer)->mtu == 4096);
  CHECK(agree(one_end(4096, 9000), silent, Role::kDialer)->pool == 9000);
  silent.shared_tokens = 0;
  CHECK(agree(one_end(4096, 9000), silent, Role::kDialer)->pool == 9000);
}

TEST_CASE("a peer without a key is refused") {
  SetupInfo without = one_end();
  without.key.reset();
  for (const Role role : {Role::kDialer, Role::kAcceptor}) {
    CHECK(says(agree(one_end(), without, role).error(), "connections without authentication are refused"));
  }
}

TEST_CASE("[F-15] the common version is the highest both speak, and ranges that do not meet are refused") {
  CHECK(*negotiate_version({14, 14}, {10, 14}) == 14);
  CHECK(*negotiate_version({13, 14}, {10, 13}) == 13);
  CHECK(*negotiate_version({10, 14}, {14, 15}) == 14);
  CHECK(!negotiate_version({14, 14}, {10, 13}));
  CHECK(!negotiate_version({13, 14}, {12, 12}));
  CHECK(!negotiate_version({14, 14}, {15, 16}));
  CHECK(says(negotiate_version(kDefaultVersions, {2, 3}).error(), "this end speaks 14 to 14, the peer 2 to 3"));
  CHECK(kSupportedVersions == VersionRange{13, 14});
}

}  // namespace
}  // namespace nb::flow

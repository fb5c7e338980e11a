#include <nb/security/access.h>

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <nb/security/principal.h>

#include "security/testing/principals.h"

namespace nb {
namespace {

using security::testing::call_of;
using security::testing::principal_of;
using v23::security::access::Tag;

const auto alice = principal_of(0x11);

AccessList list_of(std::vector<std::string> in, std::vector<std::string> not_in = {}) {
  AccessList list;
  for (auto& one : in) list.In.emplace_back(std::move(one));
  list.NotIn = std::move(not_in);
  return list;
}

// A call by alice's delegate with the names alice:a and alice:b.
SecurityCall call_with(std::vector<Any> tags) {
  const auto self = alice->bless_self("alice").value();
  alice->add_to_roots(self).value();
  const auto key = alice->public_key();
  auto call = call_of(alice, union_of({alice->bless(key, self, "a", unconstrained_use()).value(),
                                       alice->bless(key, self, "b", unconstrained_use()).value()})
                                 .value());
  call.method_tags = std::move(tags);
  return call;
}

Result<void> authorize(const std::shared_ptr<const Authorizer>& rule, const SecurityCall& call) {
  return rule->authorize(Context(), call);
}

TEST_CASE("an access list includes who has a name that matches and is not taken out") {
  CHECK(includes(list_of({"alice"}), {"alice:phone"}));
  CHECK(includes(list_of({"bob", "alice"}), {"alice"}));
  CHECK_FALSE(includes(list_of({"alice:$"}), {"alice:phone"}));
  CHECK_FALSE(includes(list_of({"alice"}), {}));
  CHECK_FALSE(includes(list_of({}), {"alice"}));
  CHECK_FALSE(includes(list_of({"alice"}, {"alice:phone"}), {"alice:phone"}));
  CHECK_FALSE(includes(list_of({"alice"}, {"alice:phone"}), {"alice:phone:app"}));
  CHECK(includes(list_of({"alice"}, {"alice:phone:$"}), {"alice:phone:app"}));
  CHECK(includes(list_of({"alice"}, {"alice:phone"}), {"alice"}));
  CHECK(includes(list_of({"..."}), {}));
}

TEST_CASE("[A-48] NotIn takes away names, not callers: another name of the same caller still counts") {
  const auto list = list_of({"alice"}, {"alice:a"});
  CHECK_FALSE(includes(list, {"alice:a"}));
  CHECK(includes(list, {"alice:a", "alice:b"}));
  CHECK(includes(list_of({"..."}, {"alice"}), {"alice"}));
  CHECK(authorize(access_list_authorizer(list), call_with({})));
  const auto refused = authorize(access_list_authorizer(list_of({"alice"}, {"alice:a", "alice:b"})), call_with({}));
  CHECK(v23::security::access::AccessListMatch.matches(refused.error()));
}

TEST_CASE("[A-49] permissions need exactly one tag of exactly their type") {
  Permissions permissions;
  permissions["Read"] = list_of({"alice:a"});
  permissions["Write"] = list_of({"bob"});
  const auto rule = permissions_authorizer(permissions);
  CHECK(authorize(rule, call_with({Any(Tag("Read"))})));
  const auto refused = authorize(rule, call_with({Any(Tag("Write"))}));
  CHECK(v23::security::access::NoPermissions.matches(refused.error()));
  CHECK(v23::security::access::NoPermissions.matches(authorize(rule, call_with({Any(Tag("Admin"))})).error()));
  CHECK(v23::security::access::NoTags.matches(authorize(rule, call_with({})).error()));
  // Look-alikes: a string, and a named string of another package.
  CHECK(v23::security::access::NoTags.matches(authorize(rule, call_with({Any("Read")})).error()));
  CHECK(v23::security::access::NoTags.matches(authorize(rule, call_with({Any(BlessingPattern("Read"))})).error()));
  CHECK(v23::security::access::MultipleTags.matches(
      authorize(rule, call_with({Any(Tag("Read")), Any(Tag("Read"))})).error()));
  CHECK(v23::security::access::MultipleTags.matches(
      authorize(rule, call_with({Any(Tag("Write")), Any("x"), Any(Tag("Read"))})).error()));
  CHECK(authorize(rule, call_with({Any("Write"), Any(Tag("Read"))})));
  CHECK_FALSE(authorize(permissions_authorizer(Permissions()), call_with({Any(Tag("Read"))})));

  CHECK_FALSE(permissions_authorizer(permissions, Type::int32()));
  const auto by_string = permissions_authorizer(permissions, Type::string()).value();
  CHECK(authorize(by_string, call_with({Any("Read"), Any(Tag("Write"))})));
}

TEST_CASE("a list can be enforced when every name it lets in is one the principal recognizes") {
  const auto principal = principal_of(0x33);
  principal->roots().add(alice->public_key(), BlessingPattern("alice")).value();
  principal->roots().add(alice->public_key(), BlessingPattern("bob:$")).value();
  const auto enforceable = [&](const AccessList& list) { return check_enforceable(list, *principal); };
  CHECK(enforceable(list_of({"..."})));
  CHECK(enforceable(list_of({"alice", "alice:phone", "alice:$", "bob:$", "$"}, {"zoe"})));
  CHECK(enforceable(list_of({})));
  using v23::security::access::InvalidOpenAccessList;
  CHECK(InvalidOpenAccessList.matches(enforceable(list_of({"...", "alice"})).error()));
  CHECK(InvalidOpenAccessList.matches(enforceable(list_of({"..."}, {"alice"})).error()));
  const auto refused = enforceable(list_of({"alice", "bob", "zoe", "alice::x", "", "bob:tv:$"}));
  const auto params = v23::security::access::UnenforceablePatterns.params(refused.error());
  REQUIRE(params);
  CHECK(std::get<0>(*params).size() == 5);
  CHECK(std::get<0>(*params)[0] == "bob");
}

TEST_CASE("permissions are changed entry by entry and kept in order") {
  Permissions permissions;
  add(permissions, BlessingPattern("b"), {"Read", "Write"});
  add(permissions, BlessingPattern("a"), {"Read"});
  add(permissions, BlessingPattern("a"), {"Read"});
  blacklist(permissions, "b:x", {"Read"});
  CHECK(permissions_to_json(permissions).value() ==
        R"({"Read":{"In":["a","b"],"NotIn":["b:x"]},"Write":{"In":["b"],"NotIn":null}})");
  clear(permissions, "b", {"Read"});
  CHECK(permissions["Read"] == list_of({"a"}, {"b:x"}));
  CHECK(permissions["Write"] == list_of({"b"}));
  clear(permissions, "b", {});
  clear(permissions, "b:x", {});
  CHECK(permissions["Write"] == AccessList());
  CHECK(permissions["Read"] == list_of({"a"}));
  Permissions untidy;
  untidy["R"] = list_of({"b", "a", "b"}, {"d", "c", "d"});
  normalize(untidy);
  CHECK(untidy["R"] == list_of({"a", "b"}, {"c", "d"}));
}

TEST_CASE("permissions are read from JSON as they stand there, or refused") {
  const auto read = permissions_from_json(R"( {"Read":{"In":["b","a"],"NotIn":null},"X":{},"Y":null} )");
  REQUIRE(read);
  CHECK(read->size() == 3);
  CHECK(read->at("Read") == list_of({"b", "a"}));
  CHECK(read->at("X") == AccessList());
  CHECK(read->at("Y") == AccessList());
  CHECK(permissions_from_json("{}").value().empty());
  const auto text = permissions_to_json(*read).value();
  CHECK(text == R"({"Read":{"In":["a","b"],"NotIn":null},"X":{"In":null,"NotIn":null},"Y":{"In":null,"NotIn":null}})");
  CHECK(permissions_to_json(permissions_from_json(text).value()).value() == text);

  for (const auto* bad : {"",
                          "null",
                          "[]",
                          "1",
                          "\"x\"",
                          "{",
                          "{}x",
                          "{} {}",
                          R"({"R":[]})",
                          R"({"R":1})",
                          R"({"R":"a"})",
                          R"({"R":{"In":"a"}})",
                          R"({"R":{"In":[1]}})",
                          R"({"R":{"In":[["a"]]}})",
                          R"({"R":{"In":[null]}})",
                          R"({"R":{"In":{}}})",
                          R"({"R":{"in":["a"]}})",
                          R"({"R":{"Inn":["a"]}})",
                          R"({"R":{},"R":{}})",
                          R"({"R":{"In":["a"],"In":["b"]}})",
                          R"({"R":{"NotIn":[],"NotIn":[]}})",
                          R"({"R":{"In":["a"]}, })",
                          R"({"R":{"In":[true]}})",
                          "{\"R\":{\"In\":[\"\xff\"]}}"}) {
    CAPTURE(bad);
    CHECK(verror::BadArg.matches(permissions_from_json(bad).error()));
  }
  CHECK(permissions_from_json(R"({"R":{"Inn":["a"]}})").error().message().find("`Inn`") != std::string_view::npos);
  CHECK_FALSE(permissions_from_json(std::string(100'000, '[')));
  CHECK_FALSE(permissions_from_json(R"({"R":{"In":)" + std::string(100'000, '[')));
  CHECK_FALSE(permissions_from_json("{}" + std::string(1 << 20, ' ')));
}

TEST_CASE("permissions with a name that is not UTF-8 are not written as others") {
  for (const auto& odd : {list_of({"a"}, {"a:\xff"}), list_of({"\xc3"}), list_of({"a\x80", "b"})}) {
    Permissions permissions;
    permissions["Read"] = odd;
    CHECK(verror::BadArg.matches(permissions_to_json(permissions).error()));
  }
  Permissions permissions;
  permissions["\xff"] = list_of({"a"});
  CHECK_FALSE(permissions_to_json(permissions));
  permissions.clear();
  permissions["Read"] = list_of({"\xc3\xa9"});
  CHECK(permissions_to_json(permissions));
}

TEST_CASE("a file of permissions is read at every check") {
  const auto folder = std::filesystem::temp_directory_path() / ("nb-permissions-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto path = (folder / "permissions.json").string();
  const auto write = [&](std::string_view text) { std::ofstream(path, std::ios::trunc) << text; };
  const auto rule = permissions_file_authorizer(path, Codec<Tag>::type()).value();
  const auto call = call_with({Any(Tag("Read"))});
  CHECK(verror::Internal.matches(authorize(rule, call).error()));
  write(R"({"Read":{"In":["alice"]}})");
  CHECK(authorize(rule, call));
  write(R"({"Read":{"In":["bob"]}})");
  CHECK(v23::security::access::NoPermissions.matches(authorize(rule, call).error()));
  write("{");
  CHECK(verror::Internal.matches(authorize(rule, call).error()));
  write(std::string((1 << 20) + 1, ' '));
  CHECK(verror::Internal.matches(authorize(rule, call).error()));
  CHECK_FALSE(permissions_file_authorizer(path, Type::boolean()));
  std::filesystem::remove_all(folder);
  CHECK(verror::Internal.matches(authorize(rule, call).error()));
}

}  // namespace
}  // namespace nb

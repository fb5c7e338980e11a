#include "codegen/cpp/names.h"

#include <doctest/doctest.h>

namespace vdlc::cpp {
namespace {

std::string name_space(std::string_view path, const BackEndOptions& options = {}) {
  return rooted(namespace_of(path, options));
}

TEST_CASE("a package path becomes a namespace, without its host") {
  CHECK(name_space("calc") == "::calc");
  CHECK(name_space("example.org/shop/cart") == "::shop::cart");
  CHECK(name_space("v.io/v23/security") == "::v23::security");
  CHECK(name_space("a-b/c.d/2015") == "::a_b::c_d::n2015");
}

TEST_CASE("the standard packages live in vdl") {
  CHECK(name_space("time") == "::vdl::time");
  CHECK(name_space("signature") == "::vdl::signature");
}

TEST_CASE("path elements that are no identifiers become some, each its own") {
  CHECK(name_space("caf\u00e9") == "::caf_u00e9");
  CHECK(name_space("\u4e16\u754c") == "::u4e16_u754c");
  CHECK(name_space("x/\U0001F600y") == "::x::u1f600y");
  CHECK(name_space("a--b/_c") == "::a_b::n_c");
}

TEST_CASE("namespaces that are taken get an underscore, only where they would clash") {
  CHECK(name_space("index") == "::index_");
  CHECK(name_space("signal") == "::signal_");
  CHECK(name_space("std") == "::std_");
  CHECK(name_space("nb") == "::nb_");
  CHECK(name_space("vdl") == "::vdl_");
  CHECK(name_space("main") == "::main_");
  CHECK(name_space("a/main") == "::a::main");
  CHECK(name_space("a/index") == "::a::index");
  CHECK(name_space("v.io/v23/vdl") == "::v23::vdl");
  CHECK(name_space("a/std") == "::a::std_");
  CHECK(name_space("a/namespace") == "::a::namespace_");
}

TEST_CASE("a package's config may name another namespace") {
  BackEndOptions options;
  options.configs["example.org/shop"].name_space = "acme::store";
  CHECK(name_space("example.org/shop", options) == "::acme::store");
  CHECK(name_space("example.org/shop/cart", options) == "::shop::cart");
}

TEST_CASE("keywords and macros get an underscore everywhere, functions of C only at the top") {
  CHECK(spell_name("template", Place::kInside) == "template_");
  CHECK(spell_name("EOF", Place::kPackage) == "EOF_");
  CHECK(spell_name("errno", Place::kInside) == "errno_");
  CHECK(spell_name("index", Place::kPackage) == "index");
  CHECK(spell_name("index", Place::kTopLevel) == "index_");
  CHECK(spell_name("to_string", Place::kPackage) == "to_string_");
  CHECK(spell_name("Point", Place::kPackage) == "Point");
}

TEST_CASE("a member is not called like its type") {
  CHECK(spell_member("Point", "Point") == "Point_");
  CHECK(spell_member("X", "Point") == "X");
  CHECK(spell_member("Point_", "Point_") == "Point_2");
  CHECK(unlike("X", {"Y"}) == "X");
  CHECK(unlike("X", {"X"}) == "X_");
  CHECK(unlike("X", {"X", "X_", "X_2"}) == "X_3");
  CHECK(unlike("X_", {"X_"}) == "X_2");
}

TEST_CASE("names that meet are reported with both places") {
  Sources sources;
  const FileId file = sources.add("a.vdl", "a", "foo\nbar\n");
  Diagnostics diagnostics;
  NameScope scope(diagnostics);
  scope.add("errno_", "constant `errno`", {file, 0, 3});
  scope.add("other", "constant `other`", {file, 0, 3});
  CHECK(!diagnostics.failed());
  scope.add("errno_", "constant `errno_`", {file, 4, 7});
  REQUIRE(diagnostics.error_count() == 1);
  const Diagnostic& d = *diagnostics.sorted().front();
  CHECK(d.id == "CG20");
  CHECK(d.text == "constant `errno_` needs the name `errno_` in C++, which constant `errno` has already");
  REQUIRE(d.notes.size() == 1);
  CHECK(d.notes.front().span == Span{file, 0, 3});
}

TEST_CASE("full names are taken apart at the last dot") {
  CHECK(split_full_name("v.io/v23/vdl.WireError").package == "v.io/v23/vdl");
  CHECK(split_full_name("v.io/v23/vdl.WireError").local == "WireError");
  CHECK(split_full_name("bool").package == "");
}

}  // namespace
}  // namespace vdlc::cpp

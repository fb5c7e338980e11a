#include "codegen/cpp/docs.h"

#include <doctest/doctest.h>

namespace vdlc::cpp {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("line comments lose their markers and common blanks") {
  CHECK(doc_text("// one\n// two\n") == Lines{"one", "two"});
  CHECK(doc_text("//one\n//  two\n//\n// three\n") == Lines{"one", "  two", "", " three"});
  CHECK(doc_text("//   a\n//     b\n") == Lines{"a", "  b"});
}

TEST_CASE("general comments lose their stars") {
  CHECK(doc_text("/* one */\n") == Lines{"one"});
  CHECK(doc_text("/*\n * one\n * two\n */\n") == Lines{"one", "two"});
  CHECK(doc_text("/* one */ // two\n") == Lines{"one", "two"});
}

TEST_CASE("no comments give no lines") {
  CHECK(doc_text("").empty());
  CHECK(doc_lines(model::Docs()).empty());
}

TEST_CASE("suffix comments follow leading ones") {
  CHECK(doc_lines(model::Docs{"// before\n", " // behind"}) == Lines{" before", " behind"});
}

TEST_CASE("no line of a comment can swallow the next or hide what it says") {
  CHECK(doc_lines("// C:\\\n") == Lines{" C:\\ //"});
  CHECK(doc_lines("// C:\\  \n") == Lines{" C:\\ //"});
  CHECK(doc_lines("// what?\?/\n") == Lines{" what?\?/ //"});
  CHECK(doc_lines("// */ /* \n") == Lines{" */ /*"});
  CHECK(doc_lines("// \u202egnp.exe\n") == Lines{" <U+202E>gnp.exe"});
}

}  // namespace
}  // namespace vdlc::cpp

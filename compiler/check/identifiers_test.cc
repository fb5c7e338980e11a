#include "check/identifiers.h"

#include <doctest/doctest.h>

namespace vdlc::passes {
namespace {

bool breaks(std::string_view name, NameRole role, NameFault fault) {
  const auto problem = name_problem(name, role);
  return problem && problem->fault == fault;
}
bool fine(std::string_view name, NameRole role) { return !name_problem(name, role); }

}  // namespace

TEST_CASE("names are an ASCII letter and then ASCII letters, digits and underscores") {
  for (const auto role : {NameRole::kPackage, NameRole::kDefinition, NameRole::kConstant, NameRole::kArgument}) {
    for (const char* name : {"a", "a1", "a_b", "aB", "A_M"}) CHECK(fine(name, role));
    for (const char* name : {"", "_", "_a", "1a", "\xc3\x84", "a\xc3\xa4", "a-b", "a b"}) {
      CAPTURE(name);
      CHECK(breaks(name, role, NameFault::kCharacters));
    }
  }
}

TEST_CASE("capitals in a row need a small letter behind them") {
  for (const char* name : {"ID", "FOO", "HTTPServer", "XY1", "AB_c", "FooBAR", "AB"}) {
    CAPTURE(name);
    CHECK(breaks(name, NameRole::kDefinition, NameFault::kAcronym));
    CHECK(fine(name, NameRole::kConstant));
  }
  for (const char* name : {"Id", "IDs", "ABc", "A_M", "B2B", "X", "FooBar", "ABcDEf"}) {
    CAPTURE(name);
    CHECK(fine(name, NameRole::kDefinition));
    CHECK(fine(name, NameRole::kMember));
  }
}

TEST_CASE("camel case is suggested for acronyms") {
  CHECK(camel_case("ID") == "Id");
  CHECK(camel_case("HTTPServer") == "HttpServer");
  CHECK(camel_case("XY1") == "Xy1");
  CHECK(camel_case("FooBAR") == "FooBar");
  CHECK(camel_case("Plain") == "Plain");
}

TEST_CASE("reserved words are compared as written for definitions, and also lowered for members and arguments") {
  CHECK(breaks("class", NameRole::kDefinition, NameFault::kReserved));
  CHECK(fine("Class", NameRole::kDefinition));
  CHECK(breaks("Class", NameRole::kMember, NameFault::kReserved));
  CHECK(breaks("Class", NameRole::kArgument, NameFault::kReserved));
  CHECK(name_problem("Class", NameRole::kMember)->word == "class");
  // The Go table only as written.
  CHECK(breaks("func", NameRole::kArgument, NameFault::kReserved));
  CHECK(fine("Func", NameRole::kMember));
  CHECK(name_problem("func", NameRole::kArgument)->language == "Go");
  CHECK(name_problem("typeof", NameRole::kConstant)->language == "JavaScript");
  // JavaScript reserves these two, the table leaves them out.
  CHECK(fine("delete", NameRole::kDefinition));
  CHECK(fine("in", NameRole::kArgument));
  // Words of C++ are for the back end to escape.
  for (const char* name : {"template", "operator", "namespace", "auto"}) CHECK(fine(name, NameRole::kArgument));
}

TEST_CASE("members are exported") {
  CHECK(breaks("x", NameRole::kMember, NameFault::kNotExported));
  CHECK(fine("X", NameRole::kMember));
  CHECK(fine("x", NameRole::kDefinition));
  CHECK(is_exported("X"));
  CHECK(!is_exported("x"));
  CHECK(!is_exported(""));
}

TEST_CASE("built-in names") {
  for (const char* name : {"any", "bool", "byte", "int8", "uint16", "float64", "string"}) CHECK(is_built_in_type(name));
  for (const char* name : {"uint8", "int", "uint", "complex64", "true"}) CHECK(!is_built_in_type(name));
  for (const char* name : {"true", "false", "nil"}) CHECK(is_built_in_constant(name));
  CHECK(fold_case("FooBar1_") == "foobar1_");
}

}  // namespace vdlc::passes

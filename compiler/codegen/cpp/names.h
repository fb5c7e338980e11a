// Names in C++: namespaces of packages, and the spelling of what is defined in them.
//
// VDL names are kept. What C++ cannot have there gets one trailing underscore; who defines names beside each other uses
// a NameScope, which finds names that have become the same.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codegen/cpp/reserved.h"
#include "codegen/options.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::cpp {

// `name_`, or `name2` behind an underscore: C++ keeps names with two underscores on end for itself.
std::string with_ending(std::string_view name);

// `name`, or `name_` where that is reserved.
std::string spell_name(std::string_view name, Place place);

// A field of a struct or union, which may not be called like the type it stands in.
std::string spell_member(std::string_view name, std::string_view type_name);

// `name`, `name_`, `name_2` …: the first that differs from all of `taken`.
std::string unlike(std::string name, const std::set<std::string>& taken);

// "v.io/v23/security" -> {"v23", "security"}; "time" -> {"vdl", "time"}; the package's config comes first.
std::vector<std::string> namespace_of(std::string_view package_path, const BackEndOptions& options);

// "::v23::security"
std::string rooted(const std::vector<std::string>& name_space);

// The full name of a VDL type, taken apart: "v.io/v23/security.Caveat". No package for built-in types.
struct FullName {
  std::string package;
  std::string local;
};
FullName split_full_name(std::string_view full);

// Names that stand beside each other in C++. Reports the second of two that meet (CG20).
class NameScope {
 public:
  explicit NameScope(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // `spelled` is what C++ sees; `what` says what it is ("type `Foo`").
  void add(const std::string& spelled, std::string what, Span at);

 private:
  struct Owner {
    std::string what;
    Span at;
  };
  Diagnostics& diagnostics_;
  std::map<std::string, Owner> names_;
};

}  // namespace vdlc::cpp

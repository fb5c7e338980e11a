// Which names mean something else in C++ already. The names themselves are data, in reserved_names.cc.
#pragma once

#include <string_view>

namespace vdlc::cpp {

extern const std::string_view kKeywords;      // nowhere
extern const std::string_view kMacros;        // nowhere, since a macro knows no scope
extern const std::string_view kGlobals;       // not at the top level: functions, variables and types of C and POSIX
extern const std::string_view kTopLevel;      // not at the top level: namespaces of the standard library and of ours
extern const std::string_view kPackageScope;  // not in a package's namespace: functions that generated code adds

// Where a name is to stand.
enum class Place { kTopLevel, kPackage, kInside };

bool is_reserved(std::string_view name, Place place);

}  // namespace vdlc::cpp

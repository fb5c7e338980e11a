// What can be wrong with a package only because it is to become C++. The first ten numbers of the series belong to
// docs/spec/vdl-language.md 3.14.
#pragma once

#include <string_view>

#include "diagnostics/diagnostics.h"

namespace vdlc::cpp {

using Str = std::string_view;

inline constexpr Message<Str> kNativeOfUnknownType{"CG2",
                                                   "native C++ type for `{}`, which the package does not define"};
inline constexpr Message<Str> kNativeWithoutType{"CG3", "the native C++ type for `{}` is not named"};
inline constexpr Message<Str, Str, Str, Str> kPackagesMeet{"CG23", "{} is `{}` in C++, and so is {} of package `{}`"};
inline constexpr Message<Str, Str, Str> kNamesMeet{"CG20", "{} needs the name `{}` in C++, which {} has already"};
inline constexpr Message<Str, Str> kBadNamespace{"CG21", "`{}` is not a C++ namespace for package `{}`"};
inline constexpr Message<Str> kDurationRange{
    "CG22", "`{}` does not fit the 64 bits of nanoseconds that C++ has for a time.Duration"};

}  // namespace vdlc::cpp

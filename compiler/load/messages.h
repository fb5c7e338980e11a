// Everything that can go wrong before a file is parsed, and when its package's files are put together.
#pragma once

#include "diagnostics/diagnostics.h"

namespace vdlc {

using Text = std::string;

inline constexpr Message<> kNoRoot{"BD1", "no source directory: give one with --root, or set VDLPATH"};
inline constexpr Message<Text, Text> kBadVdlroot{"BD2", "`{}` cannot be used for the standard packages: {}"};
inline constexpr Message<Text> kNoModuleLine{"BD3", "`{}` has no module line"};
inline constexpr Message<Text> kOutsideRoots{"BD4", "directory `{}` lies under no source directory"};
inline constexpr Message<Text> kRootIsNoPackage{
    "BD4", "`{}` is a source directory and itself no package: packages are the folders below it"};
inline constexpr Message<Text> kHiddenElement{"BD5", "package path `{}` has an element that starts with `.` or `_`"};
inline constexpr Message<Text, Text, Text> kPackageElsewhere{"BD6", "package `{}` in `{}` was already found in `{}`"};
inline constexpr Message<Text, Text> kNotADirectory{"BD7", "`{}` {}"};
inline constexpr Message<Text> kNoVdlFiles{"BD8", "directory `{}` holds no .vdl files"};
inline constexpr Message<Text, Text> kNothingFound{"BD9", "{} `{}` matches nothing"};
inline constexpr Message<Text, Text> kUnreadable{"BD10", "`{}` cannot be read: {}"};
inline constexpr Message<Text> kShadowsStandard{"BD11",
                                                "this is not the standard package `{}`, although its path says so"};
inline constexpr Message<Text, Text> kBadRoot{"BD12", "source directory `{}` {}"};
inline constexpr Message<> kConfigNeeded{"CF3",
                                         "package `vdltool` needs this package, which therefore cannot have a config"};
inline constexpr Message<Text, Text> kConfigUnreadable{"CF4", "config file `{}` cannot be read: {}"};

inline constexpr Message<Text> kImportNotFound{"IM1", "package `{}` is not found"};
inline constexpr Message<> kImportEmpty{"IM1", "import path is empty"};
inline constexpr Message<Text> kImportHidden{"IM2", "import path `{}` has an element that starts with `.` or `_`"};
inline constexpr Message<Text> kImportLongForm{"IM3", "standard package `{}` is imported by its long path"};
inline constexpr Message<Text, Text> kImportNotThePath{"IM4",
                                                       "`{}` is not the path of the package it finds, which is `{}`"};

inline constexpr Message<Text, Text> kPackageNames{
    "PK1", "this file belongs to package `{}`, others of its directory to `{}`"};
inline constexpr Message<Text> kNothingToCompile{"PK5", "package `{}` has no file left to compile"};
inline constexpr Message<Text> kImportCycle{"PK6", "packages import each other in a circle: {}"};

inline constexpr Message<std::size_t> kFileTooLarge{"LM4", "file has more than {} bytes"};

}  // namespace vdlc

// What can go wrong around the stages: command line, templates' directory, saved documents, writing.
#pragma once

#include "diagnostics/diagnostics.h"

namespace vdlc {

inline constexpr Message<std::string> kUnknownTopic{"CL1", "`{}` is not the id of a diagnostic"};
inline constexpr Message<std::string, std::string> kDocumentUnreadable{"CL2", "`{}` cannot be read: {}"};
inline constexpr Message<std::string, std::string> kNotADocument{"CL3", "`{}` is not a description of packages: {}"};
inline constexpr Message<> kNoTemplates{
    "CL4", "the templates are not beside vdlc and not installed: say where they are with --templates"};
inline constexpr Message<std::string, std::string> kTemplatesUnreadable{"CL5",
                                                                        "template directory `{}` cannot be read: {}"};
inline constexpr Message<std::string> kOutputTwice{"CL6", "two packages write `{}`"};
inline constexpr Message<> kOutputLost{"CL7", "the standard output cannot be written, it is incomplete"};
inline constexpr Message<std::string, std::string> kDocumentsAndPackages{
    "CL8", "`{}` is a saved description, `{}` a package: they cannot be rendered in one run"};
inline constexpr Message<std::string, std::string> kNotWritten{"CG10", "`{}` cannot be written: {}"};

}  // namespace vdlc

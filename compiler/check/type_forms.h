// Pass over type expressions, one by one: what does each name stand for, and is each form allowed where it stands
// (TY1-TY6, TY9-TY11, TY16, TY17, TY30, LM14, NM* of fields and labels)?
//
// Before: names and imports are known.
// After:  every type expression is a TypeForm. What spans several definitions (cycles, keys, optionals) is not looked
//         at yet; see type_rules.h.
#pragma once

#include <nb/vdl/type.h>

#include <optional>
#include <vector>

#include "check/scope.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::passes {

struct TypeForm {
  enum class Kind {
    kNothing,    // not part of the program
    kPoison,     // reported
    kKnown,      // `type`: built in, or of another package
    kLocal,      // `def`: a definition of this package
    kComposite,  // what the tree says
  };
  Kind kind = Kind::kNothing;
  nb::Type type;
  DefId def{};
  std::uint64_t array_length = 0;  // kComposite, an array
};

// [file][type expression]
using TypeForms = std::vector<std::vector<TypeForm>>;

TypeForms describe_types(Scope& scope, Diagnostics& diagnostics);

// "int32" …, also "any", "error", "typeobject"; nothing for other names.
std::optional<nb::Type> built_in_type(std::string_view name);

}  // namespace vdlc::passes

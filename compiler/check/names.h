// Pass: collects the definitions of a package and checks their names (PK2, PK3, NM1-NM7).
//
// Before: trees.
// After:  `scope` knows every definition. A name that only breaks a spelling rule is declared all the same, because its
//         uses are not wrong; of definitions with exactly one name the later ones are poisoned.
#pragma once

#include "check/identifiers.h"
#include "check/scope.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::passes {

void collect_names(Scope& scope, Diagnostics& diagnostics);
// NM5; after collect_imports.
void compare_with_imports(Scope& scope, Diagnostics& diagnostics);

// NM1-NM4 for a name of this role. `what` is for NM4: "field", "method".
void check_name(const ast::Ident& name, NameRole role, std::string_view what, Diagnostics& diagnostics);

// The reason why a name breaks the rules, in words; "" if it does not. For classes that carry the NM reason.
std::string name_fault(std::string_view name, NameRole role);

}  // namespace vdlc::passes

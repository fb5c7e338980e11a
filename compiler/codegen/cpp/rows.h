// The types of a package as rows of an nb::TypeTable (<nb/vdl/type_rows.h>).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "codegen/cpp/layout.h"
#include "codegen/cpp/spell.h"

namespace vdlc::cpp {

// {"rows": ["::nb::TypeRow::list(\"p.L\", 3)", …], "fields": [{"name": "fields0", "value": "{{\"X\", 1}, …}"}, …],
// "labels": […]}. Row i belongs to layout.order[i]; rows of unnamed types and of other packages' follow.
nlohmann::json describe_rows(const Layout& layout, Speller& speller);

}  // namespace vdlc::cpp

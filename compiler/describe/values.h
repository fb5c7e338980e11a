// Values and types as JSON that belongs to no target language (docs/json.md, "types" and "values").
#pragma once

#include <nb/vdl/value.h>

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace vdlc {

// JSON holds Unicode text only; other bytes become {"hex": "…"}.
nlohmann::json describe_text(std::string_view text);

// A use of a type. Named types are told by name, so that recursion ends.
nlohmann::json describe_type_use(const nb::Type& type);

// The structure of a named type.
nlohmann::json describe_structure(const nb::Type& type);

nlohmann::json describe_value(const nb::Value& value);

}  // namespace vdlc

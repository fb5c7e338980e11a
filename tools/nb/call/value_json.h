// VDL values in JSON: structs, and maps whose keys are texts, as objects; other maps as lists of pairs; sets as lists;
// enums as their labels; a union as an object with one member; bytes as text in base64url; types as they are spelled;
// what JSON has no number for (NaN, infinities) as text; nil as null; any as the value in it. Integers are written in
// full, also those above 2^53.
#pragma once

#include <nb/vdl/value.h>

#include "cli/console.h"

namespace tool {

Json value_json(const nb::Value& value);

}  // namespace tool

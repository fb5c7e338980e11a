// Which generated code belongs to these headers. Generated headers compare it with the number of the vdlc that made
// them.
#pragma once

namespace nb {

// Raised whenever code made by an older vdlc no longer fits, or code made by this one would not fit older headers.
inline constexpr int kGeneratedCode = 1;

}  // namespace nb

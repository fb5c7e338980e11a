// The model as text, one line a definition, for `--print=model` and golden tests. The format is stable:
//
//   package calc name calc
//   import time
//   type calc.Point struct{X float64;Y float64}
//   const calc.Origin = calc.Point{}
//   error calc.DivideByZero(dividend int32) NoRetry
//   interface calc.Calc { calc.Base; Add(a int32, b int32) (sum int32 | error); }
//
// Types in full stand only where they are defined; every use of a named type is its name.
#pragma once

#include <string>

#include "model/model.h"

namespace vdlc::model {

std::string print(const Package& package);

// A type as people write it: the name of a named type, else its form ("[]time.Duration").
std::string spell(const nb::Type& type);

}  // namespace vdlc::model

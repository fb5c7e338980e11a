// Arguments and items as VDL literals, read against the types of a server's signature: `7`, `"text"`, `{X: 1, Y: 2}`,
// `{"a": {1, 2}}`, `Red`; for an argument of type any the type has to be said: `int32(7)`, `calc.Point{X: 1}`.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/vdl/type.h>
#include <nb/vdl/value.h>

#include "model/model.h"

namespace tool {

// The named types that can be reached from these, each once, sorted by name.
std::vector<nb::Type> named_types(std::span<const nb::Type> types);

class Literals {
 public:
  // The literals may name every type that can be reached from these.
  explicit Literals(std::span<const nb::Type> types);

  // Fails with several lines: `what` and what is wrong with it, then the text with the wrong place marked.
  nb::Result<nb::Value> read(const std::string& text, const nb::Type& type, const std::string& what) const;

 private:
  vdlc::model::Program known_;  // packages with the types as their definitions
  std::string imports_;         // the lines that bring them in
};

}  // namespace tool

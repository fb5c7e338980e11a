// For the tests of this folder: packages from text, checked in memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check/check.h"
#include "source/source.h"

namespace vdlc::testing {

class World {
 public:
  // Checks a package made of these files, in this order; it can be imported by later ones if it is healthy.
  // Gives the ids of what was reported, in order of place: "TY1 CO2", warnings as "(NM7)".
  std::string add(const std::string& path, const std::vector<std::string>& files);
  // The package added last, or null.
  const model::Package* last() const { return last_; }
  // Texts of the diagnostics of the last package, one a line.
  const std::string& texts() const { return texts_; }

 private:
  Sources sources_;
  model::Program program_;
  const model::Package* last_ = nullptr;
  std::string texts_;
};

// One file after `package a`.
std::string ids_of(const std::string& body);

// The value of constant A of that file in VDL, or the ids of what was reported.
std::string value_of(const std::string& body);

}  // namespace vdlc::testing

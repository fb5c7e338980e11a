// Spelling VDL types in C++, always from the root (docs/spec/cpp-mapping.md 4), and the includes that this needs.
#pragma once

#include <set>
#include <string>

#include "codegen/options.h"
#include "model/model.h"

namespace vdlc::cpp {

class Speller {
 public:
  Speller(const model::Package& package, const model::Program& program, const BackEndOptions& options)
      : package_(package), program_(program), options_(options) {}

  // How users hold a value of the type: "std::vector<::calc::Point>". An optional of a type in `incomplete` (full
  // names) is a Box.
  std::string type(const nb::Type& type, const std::set<std::string>& incomplete = {});

  // The structure of a named type that is no struct, union or enum, without its name: "std::vector<::calc::Point>".
  std::string structure(const nb::Type& type, const std::set<std::string>& incomplete = {});

  // "::calc::Point", also for a wire type that has a native one.
  std::string wire_name(std::string_view full_name);

  const BackEndOptions& options() const { return options_; }

  // Include lines needed for everything spelled so far: "<vector>", "\"time/time.vdl.h\"".
  const std::set<std::string>& includes() const { return includes_; }
  void include(std::string line) { includes_.insert(std::move(line)); }
  // A generated header of another package.
  void include_package(std::string_view package_path, std::string_view ending);

 private:
  const model::Package& package_;
  const model::Program& program_;
  const BackEndOptions& options_;
  std::set<std::string> includes_;
};

// Directory of a package's files below the output directory, and the path of one of them.
std::string output_path(std::string_view package_path, std::string_view package_name, std::string_view ending);

// Is the type held as a plain number, boolean or enum, so that moving it is copying it?
bool is_scalar(const nb::Type& type);

// Named types whose C++ form is an nb::Number.
bool is_number(nb::Kind kind);

}  // namespace vdlc::cpp

// The C++ half of the document that templates print: every name, type, literal and include spelled, everything in
// order. What the members mean is said in docs/json.md. Used by describe() alone.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "codegen/cpp/layout.h"
#include "codegen/options.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::cpp {

nlohmann::json describe_cpp(const model::Package& package, const model::Program& program, const BackEndOptions& options,
                            Diagnostics& diagnostics);

// What the parts of the description below have in common.
struct Context {
  const model::Package& package;
  const model::Program& program;
  const BackEndOptions& options;
  Diagnostics& diagnostics;
  Layout layout;
  std::string root;                           // "::calc"
  std::set<std::string> variables;            // constants and errors: a parameter of such a name would hide one
  std::map<std::string, std::string> locals;  // parameters of generated functions: how each is called here
};

class Speller;

// "types": in order of definition.
nlohmann::json describe_types(const Context& context, Speller& header);
// "constants" and "errors".
nlohmann::json describe_constants(const Context& context, Speller& header, Speller& source);
nlohmann::json describe_errors(const Context& context, Speller& header);
// "interfaces".
nlohmann::json describe_interfaces(const Context& context, Speller& header, Speller& source);

// A list of members that one constructor sets, and their parameters.
struct Member {
  std::string name;  // as VDL has it
  nb::Type type;
  std::string cpp_type;
  model::Docs docs;
};
nlohmann::json describe_members(const Context& context, const std::string& class_name,
                                const std::vector<Member>& members, Span at);

// "Point(float x_, float y_)" and "x(x_), y(y_)", broken where they are long, of described members.
std::string constructor_text(const std::string& class_name, const nlohmann::json& members);
std::string initializers_text(const nlohmann::json& members);

// Reports names of the package that meet in C++; with the last package of the program, also those of packages that
// share a namespace.
void check_package_names(const Context& context);

}  // namespace vdlc::cpp

#include "model/model.h"

#include <algorithm>

namespace vdlc::model {
namespace {

template <class Definition>
const Definition* find_by_name(const std::vector<Definition>& definitions, std::string_view name) {
  const auto found =
      std::find_if(definitions.begin(), definitions.end(), [&](const auto& d) { return d.name == name; });
  return found == definitions.end() ? nullptr : &*found;
}

}  // namespace

const TypeDef* Package::find_type(std::string_view local_name) const { return find_by_name(types, local_name); }
const ConstDef* Package::find_const(std::string_view local_name) const { return find_by_name(consts, local_name); }
const ErrorDef* Package::find_error(std::string_view local_name) const { return find_by_name(errors, local_name); }
const Interface* Package::find_interface(std::string_view local_name) const {
  return find_by_name(interfaces, local_name);
}

const Package* Program::find(std::string_view path) const {
  const auto found = std::find_if(packages.begin(), packages.end(), [&](const auto& p) { return p->path == path; });
  return found == packages.end() ? nullptr : found->get();
}

}  // namespace vdlc::model

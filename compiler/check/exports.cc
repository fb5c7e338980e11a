#include "check/exports.h"

#include "check/identifiers.h"

namespace vdlc::passes {

std::string unexported_name(const nb::Type& type, std::string_view package) {
  if (const std::string_view name = type.name(); !name.empty()) {
    const bool is_local = name.size() > package.size() && name.starts_with(package) && name[package.size()] == '.';
    if (!is_local) return "";
    const auto local = name.substr(package.size() + 1);
    return is_exported(local) ? "" : std::string(local);
  }
  // Unnamed types nest only as deep as the parser lets them.
  const nb::Kind kind = type.kind();
  if (kind == nb::Kind::kSet || kind == nb::Kind::kMap) {
    if (auto name = unexported_name(type.key(), package); !name.empty()) return name;
  }
  if (kind == nb::Kind::kList || kind == nb::Kind::kMap || kind == nb::Kind::kOptional) {
    return unexported_name(type.elem(), package);
  }
  return "";
}

}  // namespace vdlc::passes

#include "codegen/cpp/native.h"

#include <array>

#include "codegen/cpp/names.h"

namespace vdlc::cpp {
namespace {

struct Native {
  std::string_view wire;
  std::string_view type;
  std::string_view header;
};
constexpr std::array<Native, 3> kNatives = {{
    {"time.Time", "::nb::Time", "<nb/vdl/time.h>"},
    {"time.Duration", "std::chrono::nanoseconds", "<chrono>"},
    {"time.WireDeadline", "::nb::Deadline", "<nb/vdl/time.h>"},
}};

}  // namespace

std::optional<CppNativeType> native_type(std::string_view full_name, const BackEndOptions& options) {
  for (const Native& native : kNatives) {
    if (native.wire == full_name) return CppNativeType{std::string(native.type), std::string(native.header)};
  }
  const FullName name = split_full_name(full_name);
  const auto config = options.configs.find(name.package);
  if (config == options.configs.end()) return std::nullopt;
  const auto found = config->second.native_types.find(name.local);
  if (found == config->second.native_types.end()) return std::nullopt;
  return found->second;
}

}  // namespace vdlc::cpp

#include <nb/security/pattern.h>

#include <array>

#include <nb/base/verror.h>

namespace nb {
namespace {

constexpr std::string_view kSeparator = v23::security::ChainSeparator;
constexpr std::string_view kEverybody = "...";
constexpr std::string_view kNoExtension = "$";
constexpr std::string_view kNoExtensionEnd = ":$";

// "a:b" of "a:b:$".
std::string_view without_end(std::string_view pattern) {
  return pattern.ends_with(kNoExtensionEnd) ? pattern.substr(0, pattern.size() - kNoExtensionEnd.size()) : pattern;
}

}  // namespace

Result<void> check_extension(std::string_view extension) {
  if (extension.empty()) return verror::BadArg("a blessing's extension is empty");
  if (extension == kNoExtension) return verror::BadArg("a blessing's extension is `$`");
  if (extension.starts_with(kSeparator) || extension.ends_with(kSeparator)) {
    return verror::BadArg("a blessing's extension begins or ends with `:`");
  }
  static constexpr std::array<std::string_view, 9> kForbidden = {"...", "::", ",", "@@", "(", ")", "<", ">", "/"};
  for (const auto forbidden : kForbidden) {
    if (extension.find(forbidden) != std::string_view::npos) {
      return verror::BadArg("a blessing's extension contains `" + std::string(forbidden) + "`");
    }
  }
  return {};
}

bool is_valid(const BlessingPattern& pattern) {
  if (pattern == kEverybody || pattern == kNoExtension) return true;
  std::string_view rest = without_end(pattern);
  while (true) {
    const auto end = rest.find(kSeparator);
    if (!check_extension(rest.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    rest.remove_prefix(end + kSeparator.size());
  }
}

bool matches(const BlessingPattern& pattern, std::string_view name) {
  if (!is_valid(pattern) || pattern == kNoExtension) return false;
  if (pattern == kEverybody) return true;
  const auto stem = without_end(pattern);
  if (!name.starts_with(stem)) return false;
  if (name.size() == stem.size()) return true;
  return stem.size() == pattern.size() && name.substr(stem.size()).starts_with(kSeparator);
}

bool matches_any(const BlessingPattern& pattern, const std::vector<std::string>& names) {
  if (pattern == kEverybody) return true;
  for (const auto& name : names) {
    if (matches(pattern, name)) return true;
  }
  return false;
}

BlessingPattern non_extendable(const BlessingPattern& pattern) {
  if (pattern.empty() || pattern == kNoExtension) return v23::security::NoExtension();
  if (pattern.ends_with(kNoExtensionEnd)) return pattern;
  return BlessingPattern(static_cast<const std::string&>(pattern) + std::string(kNoExtensionEnd));
}

std::vector<BlessingPattern> prefix_patterns(const BlessingPattern& pattern) {
  std::vector<BlessingPattern> prefixes;
  if (pattern != kNoExtension) {
    const auto stem = without_end(pattern);
    for (auto end = stem.find(kSeparator); end != std::string_view::npos; end = stem.find(kSeparator, end + 1)) {
      prefixes.push_back(non_extendable(BlessingPattern(std::string(stem.substr(0, end)))));
    }
  }
  prefixes.push_back(pattern);
  return prefixes;
}

}  // namespace nb

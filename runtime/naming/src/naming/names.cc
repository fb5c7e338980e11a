#include "naming/names.h"

namespace nb::naming {
namespace {
constexpr auto kNowhere = std::string_view::npos;
}  // namespace

std::string clean(std::string_view name) {
  std::string cleaned;
  cleaned.reserve(name.size());
  for (const char c : name) {
    if (c == '/' && cleaned.ends_with('/')) continue;
    cleaned += c;
  }
  if (cleaned.size() > 1 && cleaned.ends_with('/')) cleaned.pop_back();
  return cleaned;
}

bool is_rooted(std::string_view name) { return name.starts_with('/'); }
bool is_reserved(std::string_view name) { return name.starts_with("__"); }

AddressName split_address_name(std::string_view name) {
  const std::string cleaned = clean(name);
  if (!is_rooted(cleaned)) return {"", cleaned};
  const std::string_view rest = std::string_view(cleaned).substr(1);

  std::size_t slash = kNowhere;  // the one between address and suffix
  if (rest.starts_with('@')) {
    slash = rest.find("@@/");
    if (slash != kNowhere) slash += 2;
  } else if (rest.starts_with('(')) {
    const std::size_t close = rest.find(")@");
    slash = close == kNowhere ? kNowhere : rest.find('/', close + 2);
  } else {
    slash = rest.find('/');
  }
  if (slash == kNowhere) return {std::string(rest), ""};
  return {std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

std::string join_address_name(std::string_view address, std::string_view name) {
  const std::size_t begin = address.find_first_not_of('/');
  if (begin == kNowhere) return clean(name);
  return clean("/" + std::string(address.substr(begin)) + "/" + std::string(name));
}

PatternName split_pattern_name(std::string_view name) {
  const auto [address, suffix] = split_address_name(name);
  constexpr std::string_view kOpen = "__(";
  const std::size_t close = suffix.find(')');
  const bool ends_element = close != kNowhere && (close + 1 == suffix.size() || suffix[close + 1] == '/');
  if (!std::string_view(suffix).starts_with(kOpen) || !ends_element) return {std::nullopt, std::string(name)};

  const std::string pattern = suffix.substr(kOpen.size(), close - kOpen.size());
  const std::string rest = close + 1 == suffix.size() ? "" : clean(suffix.substr(close + 2));
  return {pattern, is_rooted(name) ? join_address_name(address, rest) : rest};
}

}  // namespace nb::naming

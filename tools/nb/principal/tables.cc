#include "principal/tables.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "words/blessings.h"
#include "words/visible.h"

namespace tool {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string table(const Rows& rows) {
  if (rows.empty()) return "  none\n";
  std::size_t width = 0;
  for (const auto& [left, right] : rows) width = std::max(width, left.size());
  std::string text;
  for (const auto& [left, right] : rows) text += "  " + left + std::string(width - left.size() + 2, ' ') + right + "\n";
  return text;
}

}  // namespace

std::string peers_table(const nb::Principal& principal, nb::Time now) {
  Rows rows;
  for (const auto& [pattern, blessings] : principal.store().peer_blessings()) {
    rows.emplace_back(visible(pattern), names_of(blessings, now));
  }
  return table(rows);
}

nlohmann::ordered_json peers_json(const nb::Principal& principal, nb::Time now) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [pattern, blessings] : principal.store().peer_blessings()) {
    json[pattern] = blessings_json(blessings, now);
  }
  return json;
}

std::string roots_table(const nb::Principal& principal) {
  Rows rows;
  for (const auto& [pattern, keys] : principal.roots().dump()) {
    for (const nb::PublicKey& key : keys) rows.emplace_back(visible(pattern), describe(key));
  }
  return table(rows);
}

nlohmann::ordered_json roots_json(const nb::Principal& principal) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto& [pattern, keys] : principal.roots().dump()) {
    for (const nb::PublicKey& key : keys) json.push_back({{"pattern", std::string(pattern)}, {"key", key_json(key)}});
  }
  return json;
}

}  // namespace tool

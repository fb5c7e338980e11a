// Permissions of a mount table as JSON.
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <nb/base/verror.h>
#include <nb/services/mount_table.h>

namespace nb {
namespace {

constexpr std::size_t kMaxBytes = 4 << 20;
constexpr int kMaxDepth = 8;

Error mistake(const std::string& what) { return verror::BadArg("in the permissions of a mount table: " + what); }

}  // namespace

Result<std::map<std::string, Permissions>> mount_table_permissions_from_json(std::string_view text) {
  if (text.size() > kMaxBytes) return mistake("they are too large");
  using nlohmann::json;
  // The tree would silently keep the last of two equal keys.
  std::vector<std::set<std::string>> keys;
  std::string twice;
  bool is_too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > kMaxDepth) is_too_deep = true;
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.empty() && !keys.back().insert(value.get<std::string>()).second) {
      twice = value.get<std::string>();
    }
    return !is_too_deep;
  };
  const auto tree = json::parse(text.begin(), text.end(), watch, false);
  if (is_too_deep) return mistake("there is too much in each other");
  if (tree.is_discarded()) return mistake("it is not JSON");
  if (!twice.empty()) return mistake("`" + twice + "` stands there twice");
  if (!tree.is_object()) return mistake("names with permissions were expected");
  std::map<std::string, Permissions> result;
  for (const auto& [name, permissions] : tree.items()) {
    auto read = permissions_from_json(permissions.dump());
    if (!read) return mistake("`" + name + "`: " + std::string(read.error().message()));
    result.emplace(name, *std::move(read));
  }
  return result;
}

}  // namespace nb

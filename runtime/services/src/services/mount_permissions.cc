#include "services/mount_permissions.h"

#include <algorithm>
#include <cstddef>

#include "v.io/v23/security/access/access.vdl.h"

namespace nb::services {

namespace {

constexpr std::string_view kPlaceholder = "%%";
constexpr std::string_view kAdmin = "Admin";
constexpr std::size_t kMaxPermissionBytes = 100 * 1024;

std::string replaced(std::string_view text, std::string_view element) {
  std::string result;
  for (std::size_t at = text.find(kPlaceholder); at != std::string_view::npos; at = text.find(kPlaceholder)) {
    result.append(text.substr(0, at)).append(element);
    text.remove_prefix(at + kPlaceholder.size());
  }
  return result.append(text);
}

const AccessList* list_of(const Permissions& permissions, std::string_view tag) {
  const auto found = permissions.find(std::string(tag));
  return found == permissions.end() ? nullptr : &found->second;
}

}  // namespace

std::string user_of(std::string_view name) {
  const std::size_t first = name.find(':');
  if (first == std::string_view::npos) return std::string(name);
  const std::size_t second = name.find(':', first + 1);
  if (second != first + 2) return std::string(name.substr(0, first));
  return std::string(name.substr(0, name.find(':', second + 1)));
}

bool permits(const Permissions& permissions, const MountCaller& caller, Tags tags) {
  return std::ranges::any_of(tags, [&](std::string_view tag) {
    const AccessList* list = list_of(permissions, tag);
    return list != nullptr && includes(*list, caller.names);
  });
}

Permissions expand_template(const Permissions& permissions, std::string_view element) {
  Permissions expanded;
  for (const auto& [tag, list] : permissions) {
    AccessList& to = expanded[tag];
    for (const BlessingPattern& pattern : list.In) to.In.emplace_back(replaced(pattern, element));
    for (const std::string& name : list.NotIn) to.NotIn.push_back(replaced(name, element));
  }
  return expanded;
}

Permissions inherited(const Permissions& permissions, const MountCaller& caller) {
  Permissions copy = permissions;
  for (const std::string& name : caller.names) add(copy, BlessingPattern(name), {std::string(kAdmin)});
  if (!caller.names.empty()) normalize(copy);
  return copy;
}

Permissions keeping_admin(Permissions wanted, const Permissions* old, const MountCaller& caller) {
  const AccessList* admins = list_of(wanted, kAdmin);
  if (admins == nullptr || !includes(*admins, caller.names)) {
    const AccessList* before = old == nullptr ? nullptr : list_of(*old, kAdmin);
    for (const std::string& name : caller.names) {
      const bool was_admin = old == nullptr || (before != nullptr && includes(*before, {name}));
      if (was_admin) add(wanted, BlessingPattern(name), {std::string(kAdmin)});
    }
  }
  normalize(wanted);
  return wanted;
}

std::size_t size_of(const Permissions& permissions) {
  std::size_t bytes = 0;
  for (const auto& [tag, list] : permissions) {
    bytes += sizeof list + tag.size();
    for (const BlessingPattern& pattern : list.In) bytes += sizeof pattern + pattern.size();
    for (const std::string& name : list.NotIn) bytes += sizeof name + name.size();
  }
  return bytes;
}

Result<void> check_size(const Permissions& permissions) {
  std::size_t bytes = 0;
  for (const auto& [tag, list] : permissions) {
    bytes += tag.size() + 8;
    for (const BlessingPattern& pattern : list.In) bytes += pattern.size() + 8;
    for (const std::string& name : list.NotIn) bytes += name.size() + 8;
  }
  if (bytes > kMaxPermissionBytes) return v23::security::access::TooBig();
  return {};
}

}  // namespace nb::services

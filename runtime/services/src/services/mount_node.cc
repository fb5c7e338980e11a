#include "services/mount_node.h"

#include <algorithm>

namespace nb::services {

Path path_of(std::string_view name) {
  Path path;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    if (end > 0) path.emplace_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return path;
}

std::string name_of(const Path& path) {
  std::string name;
  for (const std::string& element : path) {
    if (!name.empty()) name.push_back('/');
    name.append(element);
  }
  return name;
}

std::string MountNode::name() const {
  Path path;
  for (const MountNode* up = this; !up->is_root(); up = up->parent) path.push_back(up->element);
  std::ranges::reverse(path);
  return name_of(path);
}

}  // namespace nb::services

// A node of a mount table: a plain value in a tree that MountNodes keeps.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nb/base/clock.h>
#include <nb/security/access.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb::services {

// A name taken apart: "a/b" -> {"a", "b"}, "" -> {}.
using Path = std::vector<std::string>;
Path path_of(std::string_view name);
std::string name_of(const Path& path);

inline bool has_flag(v23::naming::MountFlag flags, v23::naming::MountFlag flag) {
  return (static_cast<std::uint32_t>(flags) & static_cast<std::uint32_t>(flag)) != 0;
}
// Those that say something about a mounted server, and not how it is to be mounted.
inline v23::naming::MountFlag kept_flags(std::uint32_t flags) {
  return v23::naming::MountFlag(
      flags & (static_cast<std::uint32_t>(v23::naming::MT) | static_cast<std::uint32_t>(v23::naming::Leaf)));
}

struct MountServer {
  MountServer(std::string name_, std::string owner_, Clock::Steady expires_, std::int64_t place_)
      : name(std::move(name_)), owner(std::move(owner_)), expires(expires_), place(place_) {}
  std::string name;
  std::string owner;  // whose server it counts as: who refreshed it last
  Clock::Steady expires;
  std::int64_t place;  // the order in which servers were refreshed
};

struct MountNode {
  MountNode(MountNode* parent_, std::string element_, std::string creator_)
      : parent(parent_), element(std::move(element_)), creator(std::move(creator_)) {}

  bool is_root() const { return parent == nullptr; }
  std::string name() const;

  MountNode* const parent;  // null: the root
  const std::string element;
  const std::string creator;
  std::map<std::string, std::unique_ptr<MountNode>, std::less<>> children;
  std::vector<MountServer> servers;  // the latest to be refreshed first
  v23::naming::MountFlag flags{};
  std::optional<Permissions> permissions;  // none: everybody may do everything
  std::int32_t version = 0;
  bool is_explicit = false;
  std::optional<v23::naming::MountFlag> stored_flags;  // as the store has them; none: it has nothing of the node
  std::optional<Permissions> children_template;
};

}  // namespace nb::services

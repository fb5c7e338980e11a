// Who may do what at a node of a mount table (docs/spec/rpc.md 11.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/access.h>

namespace nb::services {

// Who calls. Made by caller_of(), or by hand in tests.
struct MountCaller {
  MountCaller() = default;
  std::vector<std::string> names;  // those that count in this call
  std::string creator;             // whose nodes are counted
};

// "alice:phone" -> "alice", "dev.v.io:u:alice:x" -> "dev.v.io:u:alice".
std::string user_of(std::string_view blessing_name);

using Tags = std::span<const std::string_view>;
inline constexpr std::array<std::string_view, 4> kTraverseTags = {"Read", "Resolve", "Create", "Admin"};
inline constexpr std::array<std::string_view, 2> kCreateTags = {"Create", "Admin"};
inline constexpr std::array<std::string_view, 1> kRemoveTags = {"Admin"};
inline constexpr std::array<std::string_view, 2> kMountTags = {"Mount", "Admin"};
inline constexpr std::array<std::string_view, 3> kResolveTags = {"Read", "Resolve", "Admin"};
inline constexpr std::array<std::string_view, 2> kGlobTags = {"Read", "Admin"};
inline constexpr std::array<std::string_view, 1> kSetTags = {"Admin"};
inline constexpr std::array<std::string_view, 2> kGetTags = {"Admin", "Read"};
inline constexpr std::array<std::string_view, 5> kAnyTag = {"Read", "Resolve", "Admin", "Mount", "Create"};

// Whether the caller is in the list of one of the tags.
bool permits(const Permissions& permissions, const MountCaller& caller, Tags tags);

// "%%" in patterns and names becomes the element.
Permissions expand_template(const Permissions& permissions, std::string_view element);
// What a new child gets: the parent's, and the caller as Admin.
Permissions inherited(const Permissions& permissions, const MountCaller& caller);

// `wanted`, but whoever is Admin by `old` (null: everybody is) and is the caller stays so: nobody locks himself out.
Permissions keeping_admin(Permissions wanted, const Permissions* old, const MountCaller& caller);

// Of permissions; they go round.
inline std::int32_t next_version(std::int32_t version) { return version == INT32_MAX ? 0 : version + 1; }

// About how many bytes they take in memory.
std::size_t size_of(const Permissions& permissions);
// TooBig beyond 100 KiB of patterns and names.
Result<void> check_size(const Permissions& permissions);

}  // namespace nb::services

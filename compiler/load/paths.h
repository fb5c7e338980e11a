// Paths as text: '/'-separated, no disk involved.
#pragma once

#include <string>
#include <string_view>

namespace vdlc {

// Without ".", "..", doubled or trailing slashes: "./a//b/../c/" gives "a/c", "" gives ".".
std::string clean_path(std::string_view path);
// `path` if it is absolute, else below `directory`; clean.
std::string absolute_path(std::string_view directory, std::string_view path);
// "a/b" and "c" give "a/b/c".
std::string join_path(std::string_view directory, std::string_view name);
std::string_view base_name(std::string_view path);
// "a/b/c" gives "a/b", "c" gives ".".
std::string_view parent_path(std::string_view path);

// The part of `path` below `directory`, "" for the directory itself; both clean. False: it lies elsewhere.
bool is_below(std::string_view path, std::string_view directory, std::string* rest);

// Does the text match a pattern in which "..." stands for any text? A trailing "/..." also matches nothing at all.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace vdlc

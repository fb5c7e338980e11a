// Object names: "/address/suffix" when rooted, "a/b" when left to the namespace (docs/spec/flow-protocol.md 1.7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nb::naming {

// Runs of "/" become one; a last "/" goes, unless it is the whole name.
std::string clean(std::string_view name);

bool is_rooted(std::string_view name);    // begins with "/"
bool is_reserved(std::string_view name);  // begins with "__"

struct AddressName {
  std::string address;  // an endpoint in either form; empty when the name is not rooted
  std::string suffix;
  friend bool operator==(const AddressName&, const AddressName&) = default;
};

// "/(p:q)@h:1/a//b/" -> {"(p:q)@h:1", "a/b"}; "x/y" -> {"", "x/y"}.
AddressName split_address_name(std::string_view name);

// The inverse: {"h:1", "a"} -> "/h:1/a"; without an address, the cleaned name alone.
std::string join_address_name(std::string_view address, std::string_view name);

struct PatternName {
  std::optional<std::string> pattern;  // the blessing pattern that the server must match besides
  std::string name;                    // the name without it; untouched when there was none
  friend bool operator==(const PatternName&, const PatternName&) = default;
};

// "/h:1/__(root:a)/x/y" -> {"root:a", "/h:1/x/y"}.
PatternName split_pattern_name(std::string_view name);

}  // namespace nb::naming

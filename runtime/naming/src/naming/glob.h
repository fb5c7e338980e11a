// Glob: a pattern for object names, element by element (docs/spec/rpc.md 7.2). A plain value.
//
//   a/*/c      exactly three elements
//   a/...      a and everything below it
//   a/***      the same, for clients: through mount tables only
//
// Within an element: * any characters, ? one, [a-z] and [^a-z] one of these or none of these, \c the character c.
// Characters are those of UTF-8; bytes that are none count as one each.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>

namespace nb::naming {

// Whether one element of a pattern matches one element of a name. False for a pattern that makes no sense. Takes time
// proportional to the product of their lengths at most.
bool matches_element(std::string_view pattern, std::string_view name);

class Glob {
 public:
  Glob() = default;  // "": the name itself
  // BadArg for what is no pattern: an empty element, a leading "/", a class or an escape that does not end; and for
  // more than 256 elements, 1 KiB in one element or 16 KiB in all.
  static Result<Glob> parse(std::string_view pattern);

  std::size_t size() const { return elements_ == nullptr ? 0 : elements_->size() - first_; }
  bool is_recursive() const { return recursive_; }
  bool is_restricted() const { return restricted_; }
  // Nothing is left that could match a name below.
  bool is_used_up() const { return !recursive_ && size() == 0; }

  // Whether the name of a child matches the first element; when none is left, whether the pattern is recursive.
  bool matches_head(std::string_view name) const;
  // Whether the first element, if there is one, matches one name only.
  bool is_head_fixed() const;
  // The pattern for what is below such a child. Costs nothing: the elements are shared.
  Glob tail() const;
  Glob tail(std::size_t elements) const;

  std::string to_string() const;
  friend bool operator==(const Glob& a, const Glob& b) { return a.to_string() == b.to_string(); }

 private:
  std::shared_ptr<const std::vector<std::string>> elements_;  // shared by a pattern and its tails; null: none
  std::size_t first_ = 0;
  bool recursive_ = false;
  bool restricted_ = false;
};

}  // namespace nb::naming

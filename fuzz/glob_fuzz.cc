// A pattern and, behind the first line's end, a name: what can be read prints to a text that reads as the same, and
// what a pattern matches is what it should.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/check.h>

#include "naming/glob.h"
#include "naming/names.h"

namespace {

// What an element without wild cards stands for.
std::string unescaped(std::string_view element) {
  std::string text;
  for (std::size_t i = 0; i < element.size(); ++i) {
    if (element[i] == '\\' && i + 1 < element.size()) ++i;
    text.push_back(element[i]);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nb::naming::Glob;
  const std::string_view text = nb::as_text({data, size});
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view pattern = text.substr(0, end);
  const std::string name = nb::naming::clean(text.substr(std::min(end + 1, text.size())));

  const nb::Result<Glob> glob = Glob::parse(pattern);
  (void)nb::naming::matches_element(pattern, name);
  if (!glob) return 0;
  NB_CHECK(glob->to_string() == pattern, "a pattern prints as it was");
  NB_CHECK(glob->tail(1000).size() == 0, "a pattern comes to an end");
  NB_CHECK(glob->tail(1000).is_recursive() == glob->is_recursive(), "and is recursive there, too");

  Glob rest = *glob;
  std::string_view left = name;
  for (std::size_t i = 0; i < 300 && !left.empty(); ++i) {
    const std::size_t slash = std::min(left.find('/'), left.size());
    const std::string_view element = left.substr(0, slash);
    const bool is_match = rest.matches_head(element);
    if (rest.size() == 0) {
      NB_CHECK(is_match == rest.is_recursive(), "behind a pattern everything matches or nothing");
    } else if (rest.is_head_fixed()) {
      const std::string all = rest.to_string();
      // An escaped slash is not a thing: elements are split before escapes are read.
      const std::string head = all.substr(0, std::min(all.find('/'), all.size()));
      NB_CHECK(is_match == (unescaped(head) == element), "without wild cards a pattern matches itself");
    }
    const Glob next = rest.tail();
    NB_CHECK(next == rest.tail(1), "one tail is as good as the other");
    NB_CHECK(next.size() + 1 == rest.size() || rest.size() == 0, "a tail is one element shorter");
    rest = next;
    left.remove_prefix(std::min(slash + 1, left.size()));
  }
  return 0;
}

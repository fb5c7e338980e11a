#include "codegen/cpp/reserved.h"

#include <set>

namespace vdlc::cpp {
namespace {

using Words = std::set<std::string_view>;

Words words(std::string_view text) {
  Words result;
  constexpr std::string_view kBlanks = " \n";
  for (auto begin = text.find_first_not_of(kBlanks); begin != text.npos;
       begin = text.find_first_not_of(kBlanks, begin)) {
    const auto end = text.find_first_of(kBlanks, begin);
    result.insert(text.substr(begin, end - begin));
    begin = end;
  }
  return result;
}

}  // namespace

bool is_reserved(std::string_view name, Place place) {
  // Sorted once, for ever constant.
  static const Words keywords = words(kKeywords), macros = words(kMacros), globals = words(kGlobals),
                     top_level = words(kTopLevel), package = words(kPackageScope);
  if (keywords.contains(name) || macros.contains(name)) return true;
  switch (place) {
    case Place::kTopLevel:
      return globals.contains(name) || top_level.contains(name);
    case Place::kPackage:
      return package.contains(name);
    case Place::kInside:
      return false;
  }
  return false;
}

}  // namespace vdlc::cpp

// testdata/parse: what each input parses to (NAME.ast), or what is wrong with it (also NAME.ast, then diagnostics).
#include <doctest/doctest.h>

#include "diagnostics/render.h"
#include "driver/golden.h"
#include "syntax/parse.h"
#include "syntax/print_ast.h"

namespace vdlc {

TEST_CASE("every file in testdata/parse gives the tree or the diagnostics beside it") {
  const std::string directory = golden::directory("parse");
  std::vector<std::string> names = golden::entries(directory, ".vdl");
  for (const std::string& config : golden::entries(directory, ".config")) names.push_back(config);
  CHECK(!names.empty());
  for (const std::string& name : names) {
    CAPTURE(name);
    Sources sources;
    Diagnostics diagnostics;
    const FileId id = sources.add(name, "", golden::read(directory + "/" + name));
    const bool is_config = name.ends_with(".config");
    const auto file = is_config ? parse_config(sources.file(id), diagnostics) : parse(sources.file(id), diagnostics);
    CHECK(file.has_value() != diagnostics.failed());
    const std::string expectation = directory + "/" + name.substr(0, name.rfind('.')) + ".ast";
    CHECK(golden::difference(expectation,
                             render_text(diagnostics, sources) + (file ? print_ast(*file, sources) : "")) == "");
  }
}

}  // namespace vdlc

#include "driver/write.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace vdlc {

TEST_CASE("a depfile names outputs and inputs in Make's syntax") {
  CHECK(make_depfile({"a.h", "a.cc"}, {"a.vdl", "with space.vdl", "x#$.vdl"}) ==
        "a.h a.cc: \\\n  a.vdl \\\n  with\\ space.vdl \\\n  x\\#$$.vdl\n");
}

TEST_CASE("an output is named relative to the working directory where it lies below it") {
  CHECK(output_path("/tree/gen", "a/a.h", "/tree") == "gen/a/a.h");
  CHECK(output_path("gen", "a/a.h", "/tree") == "gen/a/a.h");
  CHECK(output_path("/other", "a.h", "/tree") == "/other/a.h");
  CHECK(output_path(".", "a.h", "/tree") == "a.h");
}

TEST_CASE("a file whose text is the same is left alone") {
  namespace fs = std::filesystem;
  const auto files = make_real_file_system();
  const fs::path directory =
      fs::temp_directory_path() / ("vdlc_write_test." + std::to_string(std::hash<std::string>()(fs::current_path())));
  fs::remove_all(directory);
  Diagnostics diagnostics;
  write_files({{"a/b/x.h", "one\n"}}, directory.string(), *files, diagnostics);
  const fs::path file = directory / "a" / "b" / "x.h";
  REQUIRE(fs::exists(file));
  const auto long_ago = fs::last_write_time(file) - std::chrono::hours(1);
  fs::last_write_time(file, long_ago);
  write_files({{"a/b/x.h", "one\n"}}, directory.string(), *files, diagnostics);
  CHECK(fs::last_write_time(file) == long_ago);
  write_files({{"a/b/x.h", "two\n"}}, directory.string(), *files, diagnostics);
  CHECK(fs::last_write_time(file) != long_ago);
  CHECK(files->read(file.string()).value_or("") == "two\n");
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()) == 1);  // no temporary left
  CHECK(!diagnostics.failed());
  fs::remove_all(directory);
}

TEST_CASE("a file that cannot be written is CG10 with its reason") {
  MemoryFileSystem files("/tree");
  files.make_unreadable("/tree/x.h");
  Diagnostics diagnostics;
  write_files({{"x.h", "text"}}, ".", files, diagnostics);
  REQUIRE(diagnostics.error_count() == 1);
  CHECK(diagnostics.sorted()[0]->id == "CG10");
  CHECK(diagnostics.sorted()[0]->text == "`x.h` cannot be written: permission denied");
}

}  // namespace vdlc

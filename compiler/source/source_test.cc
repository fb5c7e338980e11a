#include "source/source.h"

#include <doctest/doctest.h>

namespace vdlc {

TEST_CASE("lines and columns count from one, columns in code points") {
  Sources sources;
  const FileId id = sources.add("a.vdl", "a", "ab\n\tö€x\n");
  CHECK(sources.position(id, 0).line == 1);
  CHECK(sources.position(id, 0).column == 1);
  CHECK(sources.position(id, 2).column == 3);  // the newline belongs to its line
  CHECK(sources.position(id, 3).line == 2);
  const LineColumn x = sources.position(id, 9);
  CHECK(x.line == 2);
  CHECK(x.column == 4);
  CHECK(sources.position(id, 11).line == 3);
  CHECK(sources.position(id, 1000).line == 3);  // behind the end is the end
}

TEST_CASE("a line is shown without its end, whichever kind it is") {
  Sources sources;
  const FileId id = sources.add("a.vdl", "a", "one\r\ntwo\nthree");
  CHECK(sources.line(id, 0) == "one");
  CHECK(sources.line(id, 5) == "two");
  CHECK(sources.line(id, 8) == "two");
  CHECK(sources.line(id, 13) == "three");
}

TEST_CASE("one byte order mark at the very start is dropped") {
  Sources sources;
  CHECK(sources.file(sources.add("a.vdl", "a", "\xEF\xBB\xBFpackage a")).text == "package a");
  CHECK(sources.file(sources.add("b.vdl", "a", "")).text.empty());
}

TEST_CASE("a joined span holds both parts") {
  const Span a{FileId{1}, 4, 6};
  const Span b{FileId{1}, 10, 12};
  CHECK(join(b, a) == Span{FileId{1}, 4, 12});
}

}  // namespace vdlc

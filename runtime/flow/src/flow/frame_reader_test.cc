#include "flow/frame_reader.h"

#include <doctest/doctest.h>

#include <vector>

#include "flow/hex.h"

namespace nb::flow {
namespace {

using Status = FrameReader::Status;

Bytes frame(std::size_t size, std::uint8_t fill) {
  const auto header = frame_header(size);
  Bytes bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), size, fill);
  return bytes;
}

TEST_CASE("the header of a frame is the complement of its length") {
  const auto header = [](std::size_t size) { return testing::to_hex(frame_header(size)); };
  CHECK(header(0) == "ffffff");
  CHECK(header(1) == "fffffe");
  CHECK(header(117) == "ffff8a");
  CHECK(header(1292) == "fffaf3");
  CHECK(header(16777215) == "000000");
}

TEST_CASE("frames are found wherever the stream is cut") {
  Bytes stream;
  const std::size_t sizes[] = {0, 1, 5, 0, 300, 2};
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    const Bytes one = frame(sizes[i], static_cast<std::uint8_t>(i));
    stream.insert(stream.end(), one.begin(), one.end());
  }
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    CAPTURE(step);
    FrameReader reader(300);
    std::size_t found = 0;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      // A copy that goes away: the reader keeps what it needs.
      Bytes part(stream.begin() + static_cast<std::ptrdiff_t>(at),
                 stream.begin() + static_cast<std::ptrdiff_t>(std::min(stream.size(), at + step)));
      reader.feed(part);
      for (MutableBytes content; reader.next(content) == Status::kFrame; ++found) {
        REQUIRE(found < std::size(sizes));
        REQUIRE(content.size() == sizes[found]);
        for (const std::uint8_t byte : content) REQUIRE(byte == found);
      }
    }
    CHECK(found == std::size(sizes));
  }
}

TEST_CASE("a frame above the limit is refused at its header, and the limit can be changed between frames") {
  FrameReader reader(10);
  Bytes stream = frame(10, 1);
  const Bytes longer = frame(11, 2);
  stream.insert(stream.end(), longer.begin(), longer.end());
  MutableBytes content;
  SUBCASE("whole") {
    reader.feed(stream);
    CHECK(reader.next(content) == Status::kFrame);
    CHECK(reader.next(content) == Status::kTooLong);
    CHECK(reader.next(content) == Status::kTooLong);
  }
  SUBCASE("its header cut in two") {
    reader.feed(MutableBytes(stream).first(14));
    CHECK(reader.next(content) == Status::kFrame);
    CHECK(reader.next(content) == Status::kNeedMore);
    reader.feed(MutableBytes(stream).subspan(14, 2));
    CHECK(reader.next(content) == Status::kTooLong);
    CHECK(reader.next(content) == Status::kTooLong);
  }
  SUBCASE("a new limit") {
    reader.feed(stream);
    CHECK(reader.next(content) == Status::kFrame);
    reader.set_limit(11);
    CHECK(reader.next(content) == Status::kFrame);
    CHECK(content.size() == 11);
  }
}

}  // namespace
}  // namespace nb::flow

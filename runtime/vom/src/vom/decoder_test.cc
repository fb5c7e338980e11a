// Streams that come in pieces: what is waited for, what is refused at once, and what the waiting costs.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

#include "vom/test_vectors.h"
#include "vom/wire_type.h"

using namespace nb;
using namespace nb::vom;

namespace {

// type 41 = []any, and the id of a message of it
const char kListOfAny[] = "81510403010fe152";

class TimeLimit {
 public:
  ~TimeLimit() { CHECK(std::chrono::steady_clock::now() - begin_ < std::chrono::seconds(3)); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE("a header that announces more than a header may hold is refused before it comes") {
  for (const std::string counts : {"00fc40000000", "fc40000000"}) {
    CAPTURE(counts);
    Decoder decoder;
    decoder.feed(from_hex(kListOfAny));
    decoder.feed(from_hex(counts));
    const Step step = decoder.step();
    REQUIRE(step.kind == Step::kError);
  }
}

TEST_CASE("a header as long as a header may be is read once, however small its pieces") {
  const TimeLimit time_limit;
  constexpr std::size_t kLengths = 1'000'000;
  Bytes rest{0x00};
  append_uvar(rest, kLengths);
  rest.insert(rest.end(), kLengths, 0x01);
  rest.insert(rest.end(), {0x01, 0x00});  // the body: an empty list
  Decoder decoder;
  decoder.feed(from_hex(kListOfAny));
  for (std::size_t at = 0; at < rest.size(); at += 16) {
    REQUIRE(decoder.step().kind == Step::kNeedBytes);
    decoder.feed(BytesView(rest).subspan(at, std::min<std::size_t>(16, rest.size() - at)));
  }
  REQUIRE(decoder.step().kind == Step::kValue);
  CHECK(decoder.value<std::vector<Any>>()->empty());
}

TEST_CASE("a header may wait for bytes and types at every place") {
  TypeDecoder types;
  Decoder decoder(types);
  // []any{int8(1), t.L{}}, where t.L is type 42; twice.
  const Bytes message = from_hex(
      "52"
      "02102a"
      "020101"
      "0702000002010100");
  Bytes stream{0x81};
  stream.insert(stream.end(), message.begin(), message.end());
  stream.insert(stream.end(), message.begin(), message.end());
  std::size_t values = 0;
  for (const auto byte : stream) {
    decoder.feed({&byte, 1});
    Step step = decoder.step();
    if (step.kind == Step::kNeedType && step.type_id == 41) {
      REQUIRE(types.feed(from_hex("81510403010fe1")));
      step = decoder.step();
    }
    if (step.kind == Step::kNeedType) {
      CHECK(step.type_id == 42);
      CHECK(decoder.step().kind == Step::kNeedType);
      REQUIRE(
          types.feed(from_hex("53090300"
                              "03742e4c0110e1")));
      step = decoder.step();
    }
    if (step.kind == Step::kNeedBytes) continue;
    REQUIRE_MESSAGE(step.kind == Step::kValue, std::string(step.error.message()));
    const auto list = decoder.value<std::vector<Any>>();
    REQUIRE_MESSAGE(list, std::string(list.error().message()));
    REQUIRE(list->size() == 2);
    CHECK(list->at(0).as<std::int8_t>().value() == 1);
    CHECK(list->at(1).type().name() == "t.L");
    ++values;
  }
  CHECK(values == 2);
  CHECK(decoder.unread() == 0);
}

TEST_CASE("reading slowly from a full window moves few bytes") {
  const TimeLimit time_limit;
  Bytes window{0x81};
  for (int i = 0; i < 8 << 20; i += 2) window.insert(window.end(), {0x08, 0x07});  // int16(-4)
  Decoder decoder;
  decoder.feed(window);
  for (int i = 0; i < 20'000; ++i) {
    REQUIRE(decoder.step().kind == Step::kValue);
    REQUIRE(decoder.skip());
    decoder.feed(BytesView(window).subspan(1, 2));
  }
  CHECK(decoder.unread() == window.size() - 1);
}

TEST_CASE("a stream whose ends gave their memory back in between goes on where it was") {
  Encoder encoder;
  Decoder decoder;
  for (int i = 0; i < 3; ++i) {
    const std::string text(100, static_cast<char>('a' + i));
    REQUIRE(encoder.encode(std::vector<std::string>{text}));
    encoder.shrink();  // nothing happens: it has not been taken
    const Bytes bytes = encoder.take();
    encoder.shrink();
    decoder.feed(BytesView(bytes).first(bytes.size() - 1));
    CHECK(decoder.step().kind == Step::kNeedBytes);
    decoder.shrink();  // nor here: there are unread bytes
    decoder.feed(BytesView(bytes).last(1));
    CHECK(decoder.next<std::vector<std::string>>().value() == std::vector<std::string>{text});
    decoder.shrink();
  }
}

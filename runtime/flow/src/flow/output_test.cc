#include "flow/output.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "flow/cipher.h"
#include "flow/hex.h"
#include "flow/send_queue.h"

namespace nb::flow {
namespace {

using testing::bytes;
using testing::to_hex;

void add(Output& out, std::string_view message) {
  out.begin_frame();
  out.append(as_bytes(message));
  out.end_frame();
}

TEST_CASE("small frames are one buffer") {
  Output out;
  CHECK(out.empty());
  add(out, "ab");
  add(out, "");
  add(out, "c");
  CHECK(out.frame_count() == 3);
  CHECK(out.buffers().size() == 1);
  CHECK(to_hex(out.flat()) ==
        "fffffd6162"
        "ffffff"
        "fffffe63");
  CHECK(out.size() == 12);
  CHECK(as_text(out.flat_frame(0)) == "ab");
  CHECK(out.frame(1).empty());
}

TEST_CASE("a large payload is pointed at, also after the batch was moved") {
  SendQueue queue;
  queue.push(Bytes(SendQueue::kKeepFrom, 7));
  Output out;
  add(out, "ab");
  out.begin_frame().push_back('h');
  queue.move_to(out, SendQueue::kKeepFrom);
  out.end_frame();
  add(out, "c");
  const Output moved = std::move(out);
  REQUIRE(moved.buffers().size() == 3);
  CHECK(moved.buffers()[1].size() == SendQueue::kKeepFrom);
  CHECK(moved.flat().size() == moved.size());
  CHECK(moved.flat_frame(1).size() == 1 + SendQueue::kKeepFrom);
  CHECK(moved.flat_frame(1).back() == 7);
}

// Adds one to every byte; its tag says how many there were.
class Increment final : public Cipher {
 public:
  explicit Increment(bool tag_leads) : tag_leads_(tag_leads) {}
  bool tag_leads() const override { return tag_leads_; }
  void seal(std::span<const MutableBytes> pieces, std::uint8_t* tag) override {
    std::uint8_t n = 0;
    for (const MutableBytes piece : pieces) {
      for (std::uint8_t& byte : piece) ++byte, ++n;
    }
    std::fill_n(tag, kTagSize, n);
  }
  std::optional<MutableBytes> open(MutableBytes) override { return std::nullopt; }
  bool is_worn_out() const override { return false; }

 private:
  bool tag_leads_;
};

TEST_CASE("frames are sealed where they lie, and clear ones may stand between") {
  Increment leading(true), trailing(false);
  for (Increment* const cipher : {&leading, &trailing}) {
    SendQueue queue;
    queue.push(Bytes(SendQueue::kKeepFrom + 1, 7));
    Output out(cipher);
    add(out, "ab");
    out.begin_clear_frame();
    out.append(as_bytes("cd"));
    out.end_frame();
    out.begin_frame().push_back('h');
    queue.move_to(out, SendQueue::kKeepFrom);
    out.end_frame();
    add(out, "");

    const std::string tag = "02020202020202020202020202020202";
    CHECK(to_hex(out.flat_frame(0)) == (cipher == &leading ? tag + "6263" : "6263" + tag));
    CHECK(as_text(out.flat_frame(1)) == "cd");
    const Bytes large = out.flat_frame(2);
    REQUIRE(large.size() == kTagSize + 1 + SendQueue::kKeepFrom);
    const std::size_t at = cipher == &leading ? kTagSize : 0;
    CHECK(large[at] == 'i');
    CHECK(std::all_of(large.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                      large.begin() + static_cast<std::ptrdiff_t>(at + 1 + SendQueue::kKeepFrom),
                      [](std::uint8_t byte) { return byte == 8; }));
    CHECK(out.flat_frame(3).size() == kTagSize);
    CHECK(out.flat().size() == out.size());
    CHECK(out.buffers().size() == 3);
  }
}

TEST_CASE("a queue gathers small chunks into one payload and ends one after a large slice") {
  SendQueue queue;
  queue.push(bytes("ab"));
  queue.push({});
  queue.push(bytes("cde"));
  CHECK(queue.size() == 5);
  CHECK(queue.next_payload(100) == 5);
  CHECK(queue.next_payload(4) == 4);
  CHECK(queue.next_payload(0) == 0);
  Output out;
  out.begin_frame();
  queue.move_to(out, 4);
  out.end_frame();
  CHECK(as_text(out.flat_frame(0)) == "abcd");
  CHECK(queue.size() == 1);

  queue.push(Bytes(20000, 'x'));
  queue.push(bytes("tail"));
  CHECK(queue.next_payload(65536) == 20001);
  CHECK(queue.next_payload(20000) == 20000);
  out.begin_frame();
  queue.move_to(out, 20001);
  out.end_frame();
  CHECK(out.flat_frame(1).size() == 20001);
  CHECK(queue.next_payload(65536) == 4);
  queue.clear();
  CHECK(queue.empty());
}

TEST_CASE("a queue of very many chunks keeps their order") {
  SendQueue queue;
  std::string expected, sent;
  for (int i = 0; i < 1000; ++i) {
    const std::string chunk(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
    expected += chunk;
    queue.push(bytes(chunk));
  }
  while (!queue.empty()) {
    Output out;
    out.begin_frame();
    queue.move_to(out, queue.next_payload(5));
    out.end_frame();
    sent += as_text(out.flat_frame(0));
  }
  CHECK(sent == expected);
}

}  // namespace
}  // namespace nb::flow

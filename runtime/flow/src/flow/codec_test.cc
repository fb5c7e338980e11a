#include "flow/codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "flow/hex.h"

namespace nb::flow {
namespace {

using testing::bytes;
using testing::from_hex;
using testing::to_hex;

// Every kind of message, with the number of bytes at its end that may be missing without a reader noticing: text and
// payload run to the end of the frame, and a list may end after any element.
struct Sample {
  Message message;
  std::string hex;
  std::vector<std::size_t> legal_cuts;
};

std::vector<Sample> samples() {
  const auto all_from = [](std::size_t first, std::size_t end) {
    std::vector<std::size_t> cuts;
    for (std::size_t i = first; i < end; ++i) cuts.push_back(i);
    return cuts;
  };
  return {
      {Setup{13, 14, {{4, from_hex("fd010000")}, {26467, from_hex("01")}, {9, {}}}},
       "7e0d0e0404fd010000fe676301010900",
       {3, 9, 14}},
      {TearDown{"bye"}, "7d627965", all_from(1, 4)},
      {EnterLameDuck{}, "7c", {}},
      {AckLameDuck{}, "7b", {}},
      {Auth{1, 2, bytes("S1"), "SHA256", EcdsaSignature{from_hex("0102"), from_hex("03")}},
       "7a0102025331065348413235360201020103",
       {}},
      {Auth{1, 2, {}, "", EcdsaSignature{}}, "7a010200000000", {}},
      {Auth{1, 0, bytes("S1"), "SHA512", Ed25519Signature{from_hex("aabb")}},
       "70010002533106534841353132"
       "02aabb",
       {}},
      {Auth{1, 0, bytes("S1"), "SHA512", RsaSignature{from_hex("cc")}},
       "6f010002533106534841353132"
       "01cc",
       {}},
      {OpenFlow{10, 1048576, 2, 0, 0, bytes("hello")},
       "790afd1000000200"
       "00"
       "68656c6c6f",
       all_from(9, 14)},
      {Release{{{10, 589824}, {300, 1}}}, "780afd090000fe012c01", {1, 6}},
      {Release{}, "78", {}},
      {Data{10, 1, bytes("world")}, "770a01776f726c64", all_from(3, 8)},
      {MultiProxyRequest{}, "76", {}},
      {ProxyServerRequest{}, "75", {}},
      {ProxyResponse{{"ab", ""}}, "7402616200", {1, 4}},
      {HealthCheckRequest{}, "73", {}},
      {HealthCheckResponse{}, "72", {}},
      {ProxyErrorResponse{"no"}, "716e6f", all_from(1, 3)},
  };
}

TEST_CASE("every message has the specified bytes, and they read back as the same message") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.hex);
    const Bytes encoded = encode(sample.message);
    CHECK(to_hex(encoded) == sample.hex);
    const Result<Message> decoded = decode(encoded);
    REQUIRE(decoded);
    CHECK(*decoded == sample.message);
    CHECK(encode(*decoded) == encoded);
  }
}

TEST_CASE("a message cut anywhere is an error, except inside text, payload and between list elements") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.hex);
    const Bytes encoded = encode(sample.message);
    for (std::size_t cut = 0; cut < encoded.size(); ++cut) {
      CAPTURE(cut);
      const bool legal = std::find(sample.legal_cuts.begin(), sample.legal_cuts.end(), cut) != sample.legal_cuts.end();
      CHECK(decode(BytesView(encoded).first(cut)).ok() == legal);
    }
  }
}

TEST_CASE("the flow of the worked example has its bytes") {
  CHECK(to_hex(encode(OpenFlow{10, 1 << 20, 2, 0, 0, bytes("hello")})) ==
        "790afd100000020000"
        "68656c6c6f");
  CHECK(to_hex(encode(Data{10, 0, bytes("more")})) ==
        "770a00"
        "6d6f7265");
  CHECK(to_hex(encode(Data{10, 1, bytes("world")})) ==
        "770a01"
        "776f726c64");
  CHECK(to_hex(encode(Data{10, 1, {}})) == "770a01");
  CHECK(to_hex(encode(OpenFlow{12, 1 << 20, 2, 0, 0, bytes("x")})) == "790cfd10000002000078");
  CHECK(to_hex(encode(Data{12, 1, {}})) == "770c01");
  CHECK(to_hex(encode(HealthCheckRequest{})) == "73");
  CHECK(to_hex(encode(HealthCheckResponse{})) == "72");
  CHECK(to_hex(encode(EnterLameDuck{})) == "7c");
  CHECK(to_hex(encode(AckLameDuck{})) == "7b");
  CHECK(to_hex(encode(TearDown{"bye"})) == "7d627965");
}

TEST_CASE("bytes behind a message with a fixed end are ignored") {
  CHECK(*decode(from_hex("73 ff ff")) == Message(HealthCheckRequest{}));
  CHECK(decode(from_hex("7a 01 02 00 00 00 00 99")).ok());
}

TEST_CASE("unknown types and empty messages are errors that say so") {
  CHECK(decode({}).error().message().find("empty message") != std::string_view::npos);
  for (int type = 0; type < 256; ++type) {
    if (type >= 0x6f && type <= 0x7e) continue;
    CAPTURE(type);
    CHECK(decode(Bytes{static_cast<std::uint8_t>(type), 0, 0, 0, 0, 0}).error());
  }
  CHECK(decode(from_hex("7f")).error().message().find("0x7f") != std::string_view::npos);
  CHECK(decode(from_hex("79 0a")).error().message().find("OpenFlow message: bad initial counters") !=
        std::string_view::npos);
}

TEST_CASE("random bytes decode to an error or to a message that survives another round") {
  std::mt19937 random(5);
  for (int round = 0; round < 20000; ++round) {
    Bytes input(random() % 40);
    for (auto& byte : input) byte = static_cast<std::uint8_t>(random() % 3 ? random() % 8 : random());
    if (!input.empty()) input[0] = static_cast<std::uint8_t>(0x6e + random() % 18);
    const Result<Message> message = decode(input);
    if (!message) continue;
    CHECK(*decode(encode(*message)) == *message);
  }
}

}  // namespace
}  // namespace nb::flow

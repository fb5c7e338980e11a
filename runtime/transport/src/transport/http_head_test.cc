#include "transport/http_head.h"

#include <doctest/doctest.h>

using namespace nb::transport;

namespace {

std::string error_of(std::string_view text) {
  HttpHeadReader reader;
  const auto taken = reader.feed(nb::as_bytes(text));
  return taken ? "" : std::string(taken.error().message());
}

}  // namespace

TEST_CASE("a head reads the same however it is cut, and ends at its empty line") {
  const std::string text = "GET /x HTTP/1.1\r\nHost:  h:1 \r\nA: 1, Two\nEmpty:\r\na: three\r\n\r\nrest";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
    CAPTURE(step);
    HttpHeadReader reader;
    std::size_t at = 0;
    while (!reader.is_complete()) {
      const auto taken = reader.feed(nb::as_bytes(std::string_view(text).substr(at, step)));
      REQUIRE(taken);
      at += *taken;
    }
    CHECK(text.substr(at) == "rest");
    const HttpHead& head = reader.head();
    CHECK(head.start_line == "GET /x HTTP/1.1");
    CHECK(head.all("host") == std::vector<std::string_view>{"h:1"});
    CHECK(head.all("A") == std::vector<std::string_view>{"1, Two", "three"});
    CHECK(head.all("empty") == std::vector<std::string_view>{""});
    CHECK(head.all("none").empty());
    CHECK(head.has_token("a", "two"));
    CHECK(head.has_token("a", "THREE"));
    CHECK(!head.has_token("a", "tw"));
    CHECK(!head.has_token("none", ""));
  }
}

TEST_CASE("what two readers could read differently is refused") {
  for (const char* text :
       {"\r\n", "GET / HTTP/1.1\r\nno colon\r\n", "GET / HTTP/1.1\r\nName : x\r\n", "GET / HTTP/1.1\r\n: x\r\n",
        "GET / HTTP/1.1\r\nA: x\r\n folded\r\n", "GET / HTTP/1.1\r\nA: x\ry\r\n", "GET /\x01 HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nA: \x7f\r\n", "GET / HTTP/1.1\r\nA\xc3\xa4: x\r\n"}) {
    CAPTURE(text);
    CHECK(error_of(text).starts_with("malformed HTTP: "));
  }
  CHECK(error_of(std::string_view("GET / HTTP/1.1\r\nA: \0\r\n", 22)) ==
        "malformed HTTP: a control character in the head");
}

TEST_CASE("[F-31] lines, headers and heads without end are refused at their limit") {
  CHECK(error_of(std::string(kMaxHttpLine, 'x')).empty());
  CHECK(error_of(std::string(kMaxHttpLine + 2, 'x')) == "malformed HTTP: a line is too long");
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kMaxHttpHeaders; ++i) many += "A: b\r\n";
  CHECK(error_of(many).empty());
  CHECK(error_of(many + "A: b\r\n") == "malformed HTTP: too many headers");
  std::string wide = "GET / HTTP/1.1\r\n";
  while (wide.size() <= kMaxHttpHead) wide += "A: " + std::string(1000, 'b') + "\r\n";
  CHECK(error_of(wide) == "malformed HTTP: the head is too long");
}

// HttpHead: the part of an HTTP/1.1 message before its body, and HttpHeadReader, which finds it in bytes that arrive
// cut anywhere. Just enough for the upgrade to a websocket; no I/O.
//
// The peer is not trusted: everything has a limit, and what is not plainly a head is an error. Folded headers, blanks
// before a colon and control characters are refused, so that no two readers can disagree about what a head says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>

namespace nb::transport {

inline constexpr std::size_t kMaxHttpLine = 4096;  // bytes, without its end
inline constexpr std::size_t kMaxHttpHead = 8192;  // bytes in all
inline constexpr std::size_t kMaxHttpHeaders = 64;

struct HttpHead {
  struct Header {
    std::string name;   // as the peer wrote it
    std::string value;  // without blanks around it
  };

  std::string start_line;
  std::vector<Header> headers;

  // Values of the headers of that name, in whatever case.
  std::vector<std::string_view> all(std::string_view name) const;
  // Whether a comma-separated list in one of those headers has the token, in whatever case.
  bool has_token(std::string_view name, std::string_view token) const;
};

class HttpHeadReader {
 public:
  // Takes bytes up to the end of the head and gives how many that were; what comes after it is not the head's. An error
  // (network) is final.
  Result<std::size_t> feed(BytesView bytes);
  bool is_complete() const { return is_complete_; }
  const HttpHead& head() const { return head_; }

 private:
  Result<void> end_line();

  HttpHead head_;
  std::string line_;
  std::size_t size_ = 0;
  bool is_complete_ = false;
};

// "GET" and "get" are equal. Only letters of ASCII have a case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace nb::transport

// Limits: what a decoder accepts from outside (docs/spec/vom.md 12.1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace nb::vom {

struct Limits {
  std::uint64_t max_message_bytes = 1u << 30;   // body of one message; rpc uses 64 MiB
  std::size_t max_header_bytes = 1 << 20;       // lists before the body: types referred to, lengths of anys
  std::uint64_t max_length = 1u << 30;          // bytes of a string, elements of a list, set or map
  std::uint32_t max_depth = 512;                // containers inside each other in one value
  std::size_t max_types = 64 * 1024;            // types that one stream may define
  std::size_t max_pending_types = 256;          // of these, types that wait for the rest of their cycle (0x80: for use)
  std::size_t max_type_stream_bytes = 4 << 20;  // all type messages of one stream
  std::size_t max_type_message_bytes = 1 << 20;  // body of one type message
  std::size_t max_fields = 64 * 1024;            // fields or labels of one type
  std::size_t max_name_bytes = 4096;             // of a type, field or label
  std::uint32_t max_type_depth = 100;            // types inside each other in one type
  std::uint64_t max_inline_bytes = 16u << 20;    // the zero value of one type
  std::uint64_t max_decoded_bytes = 256u << 20;  // memory of the value made from one message, roughly
  bool accept_version_80 = false;                // streams of 2015, decode only
};

}  // namespace nb::vom

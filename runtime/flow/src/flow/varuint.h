// The two primitives of flow messages (docs/spec/flow-protocol.md 5.1).
//
// A varuint is one byte below 0x80, or a byte 0x100 - n followed by n bytes, highest first:
//
//   127  7f      128  ff 80      256  fe 01 00      65536  fd 01 00 00
//
// A block is a varuint length and as many bytes. Nothing is read beyond the end of the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <nb/base/bytes.h>

namespace nb::flow {

std::size_t varuint_size(std::uint64_t value);         // 1 to 9
void append_varuint(Bytes& out, std::uint64_t value);  // the shortest form
void append_block(Bytes& out, BytesView bytes);

// Takes one off the front of `in`; nothing, and `in` as it was, when it is cut short or no valid one. Longer forms than
// needed are read too.
std::optional<std::uint64_t> take_varuint(BytesView& in);
std::optional<BytesView> take_block(BytesView& in);

}  // namespace nb::flow

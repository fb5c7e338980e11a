// The start of a call in 2014: the header, then the granted blessing, the discharges and the arguments as values of
// their own (docs/spec/rpc.md 2.1, rows 1-41 to 1-43). Reads and writes them; not used on the wire.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/rpc/value_ops.h>
#include <nb/vom/decoder.h>

#include "legacy/legacy.vdl.h"

namespace nb::rpc {

struct LegacyCall {
  LegacyCall() {}
  std::string suffix;
  std::string method;
  std::int64_t timeout_ns = 0;  // 0: none
  v23::vtrace::Request trace;
  std::optional<v23::security::WireBlessings> granted;
  std::vector<v23::security::WireDischarge> discharges;
};

// Where values go, one after the other.
using AddValue = std::function<Result<void>(const ValueRef&)>;

// BadProtocol names the part that could not be written: the request, the granted blessing, a discharge by its id, an
// argument by its index.
Result<void> write_legacy_call(const LegacyCall& call, std::span<const ValueRef> arguments, const AddValue& add);

// What write_legacy_call has written, up to the arguments, whose number it gives; they are to be read next. The decoder
// has all of it. At most 1024 discharges.
Result<std::uint64_t> read_legacy_call(vom::Decoder& decoder, LegacyCall& call);

}  // namespace nb::rpc

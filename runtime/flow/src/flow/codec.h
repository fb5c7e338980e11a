// Messages to bytes and back (docs/spec/flow-protocol.md 5.3). One message is the content of one frame.
#pragma once

#include <nb/base/bytes.h>
#include <nb/base/result.h>

#include "flow/message.h"

namespace nb::flow {

void append_message(Bytes& out, const Message& message);
Bytes encode(const Message& message);

// Everything of the message but its payload, which is written elsewhere; the struct's own payload is not looked at.
void append_head(Bytes& out, const OpenFlow& message);
void append_head(Bytes& out, const Data& message);

// Reads one whole message. Lengths beyond the end, cut integers and unknown types are errors that say where. Bytes
// after the fields of a message with a fixed end are ignored, as all peers do. The result owns its bytes.
Result<Message> decode(BytesView bytes);

}  // namespace nb::flow

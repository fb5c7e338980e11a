// MessageContext: what a higher layer attaches to the messages of an encoder or decoder, for codecs to find
// (the capability table of a call, later). Not owned by them.
#pragma once

namespace nb::vom {

class MessageContext {
 public:
  virtual ~MessageContext() = default;
};

}  // namespace nb::vom

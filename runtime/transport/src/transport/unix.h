// Unix sockets: the protocol `unix`, for programs on one machine. Ours alone: framed like tcp, but no Go peer dials it.
//
// An address is a path, or "@name" for a name in Linux's abstract space. A listener's file is made with mode 0600, so
// that other users cannot connect, and goes when the listener closes. An abstract name has no mode: any local user may
// dial it. What a killed program has left behind is replaced; anything else at that path is left alone and an error.
// Relative paths mean something to programs with the same current folder only.
#pragma once

#include <memory>

#include "transport/stream.h"

namespace nb::transport {

std::shared_ptr<Protocol> make_unix();

}  // namespace nb::transport

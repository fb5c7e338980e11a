// An end of an in-memory connection as a Stream. Internal to memory.
#pragma once

#include <memory>
#include <string>

#include "transport/memory_pipe.h"
#include "transport/stream.h"

namespace nb::transport {

// The pipes are shared by the two ends.
std::shared_ptr<Stream> make_memory_stream(std::shared_ptr<Loop> loop, std::shared_ptr<MemoryPipe> in,
                                           std::shared_ptr<MemoryPipe> out, std::string local, std::string remote);

}  // namespace nb::transport

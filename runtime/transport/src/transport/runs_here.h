// Whether the calling thread is one of those that run what is posted to an executor.
#pragma once

#include <cstddef>  // before Asio, see asio.cc

#include <asio/any_io_executor.hpp>

namespace nb::transport {

// Of an asio::io_context or asio::thread_pool, or of a strand of either, also where the strand belongs to other tasks.
// Other kinds of executors cannot say it, and it is false for them.
bool runs_here(const asio::any_io_executor& executor);

}  // namespace nb::transport

// The loop as Asio sees it. For the sources of this layer and for who hands in an executor; nobody else needs Asio.
#pragma once

#include <memory>

#include <asio/any_io_executor.hpp>

#include "transport/loop.h"

namespace nb::transport {

// A loop on somebody's executor, of one thread or many: its turns do not overlap. The executor must outlive the loop.
std::shared_ptr<Loop> make_loop_on(asio::any_io_executor executor, std::shared_ptr<Clock> clock);

// Where completion handlers of the loop's sockets run. Handlers wrap their work in Loop::turn.
const asio::any_io_executor& executor_of(Loop& loop);

}  // namespace nb::transport

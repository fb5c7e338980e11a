// An event loop on the user's Asio executor. Included by <nb/asio.h>'s implementation only.
#pragma once

#include <cstddef>
#include <memory>

#include <asio/any_io_executor.hpp>

#include "conn/event_loop.h"

namespace nb::conn {

// `loops` strands over the executor; connections spread over them. The executor's context must outlive the event loop.
std::shared_ptr<EventLoop> make_event_loop_on(asio::any_io_executor executor, std::size_t loops = 4,
                                              std::shared_ptr<Clock> clock = system_clock());

}  // namespace nb::conn

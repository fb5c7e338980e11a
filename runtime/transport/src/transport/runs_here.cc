#include "transport/runs_here.h"

#include <typeinfo>
#include <utility>

#include <asio/execution/outstanding_work.hpp>
#include <asio/io_context.hpp>
#include <asio/prefer.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

namespace nb::transport {
namespace {

// The same executor after somebody asked it to count as work.
template <class Executor>
using Tracked = decltype(asio::prefer(std::declval<const Executor&>(), asio::execution::outstanding_work.tracked));

// Null if it is another kind. Asio 1.22's own target() does not look at the type.
template <class Executor>
const Executor* as(const asio::any_io_executor& executor) {
  return executor.target_type() == typeid(Executor) ? executor.target<Executor>() : nullptr;
}

template <class Executor>
bool is_and_runs_here(const asio::any_io_executor& executor) {
  if (const auto* plain = as<Executor>(executor)) return plain->running_in_this_thread();
  // Not the strand's own answer: who waits in another task of the context holds the strand up as well.
  const auto* strand = as<asio::strand<Executor>>(executor);
  return strand != nullptr && strand->get_inner_executor().running_in_this_thread();
}

}  // namespace

bool runs_here(const asio::any_io_executor& executor) {
  if (const auto* strand = as<asio::strand<asio::any_io_executor>>(executor)) {
    return runs_here(strand->get_inner_executor());
  }
  using Io = asio::io_context::executor_type;
  using Pool = asio::thread_pool::executor_type;
  return is_and_runs_here<Io>(executor) || is_and_runs_here<Tracked<Io>>(executor) ||
         is_and_runs_here<Pool>(executor) || is_and_runs_here<Tracked<Pool>>(executor);
}

}  // namespace nb::transport

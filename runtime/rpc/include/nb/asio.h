// For programs that use Asio: running a runtime on their executor, and awaiting calls in Asio's coroutines. The one
// public header that includes Asio; generated code never does.
//
//   asio::io_context io;
//   auto runtime = nb::Runtime::make(nb::run_on(io.get_executor())).value();     // no threads of its own
//
//   asio::awaitable<void> work(calc::CalcClient client, nb::Context ctx) {
//     nb::Result<std::int32_t> sum = co_await nb::async_get(client.Add(ctx, 1, 2));  // resumes on the coroutine's
//     executor
//   }
//
// An exception that leaves what runs through on(…) – a callback of then(), a completion handler of async_get – is
// logged to standard error and goes no further: it does not come out of io_context::run(). Code that wants it catches
// it itself. Inside an asio::awaitable exceptions travel as Asio says, until they leave its last frame.
//
// async_get takes any completion token of signature void(nb::Result<R>) (or void(nb::Next<T>) for stream items).
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/prefer.hpp>
#include <asio/use_awaitable.hpp>

#include <nb/rpc/call.h>
#include <nb/rpc/executor.h>
#include <nb/rpc/pending.h>
#include <nb/rpc/runtime.h>

namespace nb {

// An Asio executor as a place for handlers, tasks and callbacks. Its context must outlive what runs there.
Executor on(asio::any_io_executor executor);

// Options for a runtime that lives on `executor`, on `loops` strands of it, and has no threads of its own. The context
// must outlive the runtime and be run by somebody until the runtime is gone: shutting down takes work on it, and so
// does destruction, which waits for that unless it happens inside the executor.
RuntimeOptions run_on(asio::any_io_executor executor, RuntimeOptions options = RuntimeOptions(), std::size_t loops = 4);

// Waits for `pending` the way `token` says; by default as an asio::awaitable.
template <class T, class Token = asio::use_awaitable_t<>>
auto async_get(Pending<T> pending, Token&& token = Token()) {
  return asio::async_initiate<Token, void(T)>(
      [](auto handler, Pending<T> waited) {
        // Counts as work, so that the context does not run dry while the answer is on its way.
        asio::any_io_executor executor =
            asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));  // std::function copies; handlers cannot
        waited.then(on(std::move(executor)), [shared](T value) { std::move (*shared)(std::move(value)); });
      },
      token, std::move(pending));
}

// The same for a call, which is kept until its end; cancelling its context is the way to give it up.
template <class R, class Token = asio::use_awaitable_t<>>
auto async_get(Call<R> call, Token&& token = Token()) {
  call.detach();
  return async_get(call.result(), std::forward<Token>(token));
}

}  // namespace nb

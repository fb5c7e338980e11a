#include "rpc/testing/calc_service.h"

#include <utility>

#include <nb/base/verror.h>

namespace nb::rpc::testing {

Reply<std::int32_t> Calc::Add(ServerCall& call, std::int32_t a, std::int32_t b) {
  ++calls;
  thread = std::this_thread::get_id();
  const std::lock_guard lock(mutex_);
  language_ = call.language();
  tag_ = call.tags().empty() ? "" : *call.tags().front().as<std::string>();
  return a + b;
}

Reply<calc::CalcDivResults> Calc::Div(ServerCall&, std::int32_t a, std::int32_t b) {
  if (b == 0) return calc::DivideByZero(a);
  return calc::CalcDivResults(a / b, a % b);
}

Reply<Bytes> Calc::Echo(ServerCall&, Bytes data) { return data; }

Reply<void> Calc::Wait(ServerCall& call) {
  // What a method does that waits for something of its own: it listens to its context.
  auto state = make_pending<DoneState>(Executor());
  auto registration = call.context().on_end([state](const Error& why) { state->complete(why); });
  ++waiting;
  Pending<Result<void>> end(state);
  const auto why = co_await end;
  --waiting;
  if (call.cancelled()) ++seen_cancelled;
  ++ended;
  co_return why;
}

Reply<void> Calc::Sleep(ServerCall&, std::chrono::nanoseconds time) {
  std::this_thread::sleep_for(time);
  return {};
}

Reply<std::int32_t> Calc::Flaky(ServerCall&, std::int32_t failures) {
  const std::lock_guard lock(mutex_);
  if (failures_ < failures) {
    ++failures_;
    return verror::Internal("not yet").with_action(RetryBackoff);
  }
  return std::exchange(failures_, 0);
}

Reply<std::int32_t> Calc::Centre(ServerCall& call, ServerStream<calc::Point, calc::Point>& stream) {
  calc::Point sum;
  std::int32_t count = 0;
  while (auto point = co_await stream.recv()) {
    sum.X += point->X;
    sum.Y += point->Y;
    ++count;
    calc::Point centre(sum.X / count, sum.Y / count);
    if (auto sent = co_await stream.send(centre); !sent) break;
  }
  if (call.cancelled()) ++seen_cancelled;
  ++ended;
  co_return count;
}

Reply<void> Calc::Count(ServerCall&, std::int32_t upto, ServerStream<void, std::int32_t>& stream) {
  for (std::int32_t i = 1; i <= upto; ++i) {
    if (auto sent = co_await stream.send(i); !sent) co_return sent.error();
  }
  co_return {};
}

Reply<std::int64_t> Calc::Swallow(ServerCall& call, ServerStream<Bytes, void>& stream) {
  std::int64_t total = 0;
  bool first = true;
  while (auto item = co_await stream.recv()) {
    total += static_cast<std::int64_t>(item->size());
    if (!std::exchange(first, false)) continue;
    while (paused && !call.cancelled()) {
      // Stops reading without holding the thread: comes back when something else was said or some time has passed.
      ++waiting;
      auto pause = make_pending<DoneState>(Executor());
      auto registration = call.context().with_timeout(std::chrono::milliseconds(20)).on_end([pause](const Error&) {
        pause->complete(Result<void>());
      });
      Pending<Result<void>> paused_for(pause);
      (void)co_await paused_for;
      --waiting;
    }
  }
  co_return total;
}

std::string Calc::last_language() const {
  const std::lock_guard lock(mutex_);
  return language_;
}

std::string Calc::last_tag() const {
  const std::lock_guard lock(mutex_);
  return tag_;
}

void Journal::log(Severity, std::string_view message) {
  const std::lock_guard lock(mutex_);
  lines_.emplace_back(message);
}

std::vector<std::string> Journal::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

int Journal::count(std::string_view part) const {
  const std::lock_guard lock(mutex_);
  int found = 0;
  for (const std::string& line : lines_) found += line.find(part) != std::string::npos ? 1 : 0;
  return found;
}

World::World(std::string protocol_, Handlers handlers, std::size_t client_threads, std::size_t server_threads)
    : protocol(std::move(protocol_)),
      server_runtime(Runtime::make(options(server_threads)).value()),
      client_runtime(Runtime::make(options(client_threads).principal(blessed_by(alice, "client"))).value()),
      server(server_runtime
                 .serve(service, ServerOptions()
                                     .listen(protocol, protocol == "local" ? "calc" : "127.0.0.1:0")
                                     .handlers(std::move(handlers))
                                     .grace(std::chrono::milliseconds(200)))
                 .value()),
      client(client_runtime, server.name()) {}

RuntimeOptions World::options(std::size_t threads) const {
  return RuntimeOptions()
      .threads(threads)
      .log(journal)
      .local_network(network)
      .grace(std::chrono::milliseconds(200))
      .principal(alice);
}

}  // namespace nb::rpc::testing

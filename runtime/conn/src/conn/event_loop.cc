#include "conn/event_loop.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include <nb/base/check.h>

#include "conn/event_loop_asio.h"
#include "transport/loop_asio.h"

namespace nb::conn {

struct EventLoop::State {
  std::vector<std::shared_ptr<Loop>> loops;  // shared: connections keep theirs
  std::vector<std::thread> threads;          // one a loop, or none
  bool by_hand = false;
  std::atomic<std::size_t> turn = 0;
  std::atomic<bool> stopped = false;
};

EventLoop::EventLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}

EventLoop::~EventLoop() { stop(); }

std::shared_ptr<EventLoop> EventLoop::make(std::size_t threads, std::shared_ptr<Clock> clock) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  auto state = std::make_unique<State>();
  for (std::size_t i = 0; i < threads; ++i) {
    const auto loop = state->loops.emplace_back(Loop::make(clock));
    state->threads.emplace_back([loop] {
      loop->run();
      loop->finish();
    });
  }
  return std::shared_ptr<EventLoop>(new EventLoop(std::move(state)));
}

std::shared_ptr<EventLoop> EventLoop::make_by_hand(std::shared_ptr<Clock> clock) {
  auto state = std::make_unique<State>();
  state->loops.push_back(Loop::make(std::move(clock)));
  state->by_hand = true;
  return std::shared_ptr<EventLoop>(new EventLoop(std::move(state)));
}

std::shared_ptr<EventLoop> EventLoop::make_over(std::vector<std::shared_ptr<Loop>> loops) {
  NB_CHECK(!loops.empty(), "an event loop has a loop");
  auto state = std::make_unique<State>();
  state->loops = std::move(loops);
  return std::shared_ptr<EventLoop>(new EventLoop(std::move(state)));
}

std::shared_ptr<EventLoop> make_event_loop_on(asio::any_io_executor executor, std::size_t loops,
                                              std::shared_ptr<Clock> clock) {
  std::vector<std::shared_ptr<Loop>> made;
  for (std::size_t i = 0; i < std::max<std::size_t>(loops, 1); ++i) {
    made.push_back(transport::make_loop_on(executor, clock));
  }
  return EventLoop::make_over(std::move(made));
}

const std::shared_ptr<Loop>& EventLoop::next() {
  return state_->loops[state_->turn.fetch_add(1, std::memory_order_relaxed) % state_->loops.size()];
}

bool EventLoop::is_loop_thread() const {
  return std::any_of(state_->loops.begin(), state_->loops.end(), [](const auto& loop) { return loop->would_block(); });
}

std::size_t EventLoop::here_or_next() {
  for (std::size_t i = 0; i < state_->loops.size(); ++i) {
    if (state_->loops[i]->is_current()) return i;
  }
  return state_->turn.fetch_add(1, std::memory_order_relaxed) % state_->loops.size();
}

bool EventLoop::post(std::function<void()> task) { return state_->loops[here_or_next()]->post(std::move(task)); }

void EventLoop::log_to(const std::shared_ptr<LogSink>& log) {
  for (const auto& loop : state_->loops) loop->log_to(log);
}

const std::shared_ptr<Clock>& EventLoop::clock() const { return state_->loops.front()->clock(); }

// The id of a timer says which loop has it.
TimerId EventLoop::call_at(Clock::Steady when, std::function<void()> callback) {
  const std::size_t count = state_->loops.size();
  const std::size_t index = here_or_next();
  const auto there = static_cast<std::uint64_t>(state_->loops[index]->call_at(when, std::move(callback)));
  return static_cast<TimerId>(there * count + index);
}

void EventLoop::forget(TimerId timer) {
  if (timer == TimerId::kNone) return;
  const std::size_t count = state_->loops.size();
  const auto id = static_cast<std::uint64_t>(timer);
  state_->loops[id % count]->forget(static_cast<TimerId>(id / count));
}

void EventLoop::poll() {
  NB_CHECK(state_->by_hand, "only an event loop made for it is polled");
  state_->loops.front()->poll();
}

void EventLoop::stop() {
  if (state_->stopped.exchange(true)) return;
  for (const auto& loop : state_->loops) loop->stop();
  for (auto& thread : state_->threads) {
    // A thread cannot wait for itself: this one ends by itself after its turn, and owns what it needs until then.
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
  if (state_->by_hand) state_->loops.front()->finish();
}

}  // namespace nb::conn

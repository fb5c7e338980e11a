// Executor: a place where code runs: the runtime's threads, a pool for code that blocks, or (through <nb/asio.h>) an
// Asio executor of the program's. A small handle; copies mean the same place. Safe from any thread.
//
// An exception that leaves a task or a callback (of Pending::then, say) ends there: it is logged as an error and goes
// no further, in all three places. Those of the runtime log to its RuntimeOptions::log; pools and Asio executors, which
// belong to no runtime, to standard error. Exceptions of methods, coroutines and Tasks are not meant: they become
// errors of the call (<nb/rpc/task.h>, <nb/rpc/reply.h>).
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <utility>

namespace nb {

class Executor {
 public:
  class Place {
   public:
    virtual ~Place() = default;
    // Runs the task later, never inside post, and lets none of its exceptions out.
    virtual void post(std::function<void()> task) = 0;
    virtual bool is_current() const = 0;
  };

  Executor() = default;  // nowhere: tasks cannot be posted
  explicit Executor(std::shared_ptr<Place> place) : place_(std::move(place)) {}

  explicit operator bool() const { return place_ != nullptr; }
  void post(std::function<void()> task) const { place_->post(std::move(task)); }  // runs later, never inside post
  bool is_current() const { return place_ != nullptr && place_->is_current(); }   // is the caller running there?

  friend bool operator==(const Executor&, const Executor&) = default;

 private:
  std::shared_ptr<Place> place_;  // shared: everything that may still have to run there keeps the place
};

// The promise of a coroutine that has a place of its own: what it awaits brings it back there.
template <class Promise>
concept HasExecutor = requires(const Promise& promise) {
  { promise.executor() } -> std::convertible_to<Executor>;
};

}  // namespace nb

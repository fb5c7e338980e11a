// Handlers: where the methods of a server run.
//
//   nb::in_place()   on the thread of the connection: fastest, and wrong for methods that block
//   nb::pool(n)      on n threads of the server's own, for code that blocks
//   executor         where the program says
#pragma once

#include <cstddef>
#include <utility>

#include <nb/rpc/executor.h>

namespace nb {

class Handlers {
 public:
  Handlers(Executor executor) : executor_(std::move(executor)) {}

  bool are_in_place() const { return !executor_ && pool_ == 0; }
  std::size_t pool_size() const { return pool_; }         // 0: no pool
  const Executor& executor() const { return executor_; }  // nowhere: one of the others

 private:
  friend Handlers in_place();
  friend Handlers pool(std::size_t threads);
  explicit Handlers(std::size_t pool) : pool_(pool) {}

  Executor executor_;
  std::size_t pool_ = 0;
};

Handlers in_place();
// `threads` at least 1.
Handlers pool(std::size_t threads);

}  // namespace nb

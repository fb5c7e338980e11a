// HandlerPool: threads for methods that block.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <nb/rpc/executor.h>

namespace nb::rpc {

class HandlerPool final : public Executor::Place {
 public:
  explicit HandlerPool(std::size_t threads);
  ~HandlerPool() override;  // stops

  void post(std::function<void()> task) override;  // after stop: dropped
  bool is_current() const override;

  // Runs what was posted, then ends the threads and waits for them; not for the calling one, should it be of the pool.
  void stop();

 private:
  struct Queue;
  static void run(const std::shared_ptr<Queue>& queue);

  const std::shared_ptr<Queue> queue_;  // shared with the threads, one of which may be the one that destroys the pool
  std::vector<std::thread> threads_;
};

}  // namespace nb::rpc

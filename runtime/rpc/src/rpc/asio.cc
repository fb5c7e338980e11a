#include <nb/asio.h>

#include <utility>

#include <asio/post.hpp>

#include "conn/event_loop_asio.h"
#include "rpc/guarded.h"
#include "rpc/options.h"
#include "transport/runs_here.h"

namespace nb {

namespace {

// Whose task is running on this thread, so that is_current() can tell for any kind of executor.
thread_local const void* current_place = nullptr;

class AsioPlace final : public Executor::Place {
 public:
  explicit AsioPlace(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void post(std::function<void()> task) override {
    asio::post(executor_, [this, executor = executor_, task = std::move(task)] {
      const void* const before = std::exchange(current_place, this);
      rpc::run_guarded(task, "an Asio executor");
      current_place = before;
    });
  }
  bool is_current() const override { return current_place == this || transport::runs_here(executor_); }

 private:
  const asio::any_io_executor executor_;
};

class LoopsOnExecutor final : public rpc::LoopMaker {
 public:
  LoopsOnExecutor(asio::any_io_executor executor, std::size_t loops) : executor_(std::move(executor)), loops_(loops) {}
  std::shared_ptr<conn::EventLoop> make(const std::shared_ptr<Clock>& clock) const override {
    return conn::make_event_loop_on(executor_, loops_, clock);
  }

 private:
  const asio::any_io_executor executor_;
  const std::size_t loops_;
};

}  // namespace

Executor on(asio::any_io_executor executor) { return Executor(std::make_shared<AsioPlace>(std::move(executor))); }

RuntimeOptions run_on(asio::any_io_executor executor, RuntimeOptions options, std::size_t loops) {
  options.loops(std::make_shared<LoopsOnExecutor>(std::move(executor), loops));
  return options;
}

}  // namespace nb

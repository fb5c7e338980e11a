#include "rpc/handler_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "rpc/guarded.h"

namespace nb::rpc {

struct HandlerPool::Queue {
  std::mutex mutex;  // guards the others
  std::condition_variable changed;
  std::deque<std::function<void()>> tasks;
  bool stopping = false;
};

namespace {
thread_local const void* current_queue = nullptr;  // of the pool whose thread this is
}  // namespace

HandlerPool::HandlerPool(std::size_t threads) : queue_(std::make_shared<Queue>()) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([queue = queue_] { run(queue); });
}

HandlerPool::~HandlerPool() { stop(); }

void HandlerPool::post(std::function<void()> task) {
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->stopping) return;
    queue_->tasks.push_back(std::move(task));
  }
  queue_->changed.notify_one();
}

bool HandlerPool::is_current() const { return current_queue == queue_.get(); }

void HandlerPool::run(const std::shared_ptr<Queue>& queue) {
  current_queue = queue.get();
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(queue->mutex);
      queue->changed.wait(lock, [&queue] { return queue->stopping || !queue->tasks.empty(); });
      if (queue->tasks.empty()) return;
      task = std::move(queue->tasks.front());
      queue->tasks.pop_front();
    }
    run_guarded(task, "a pool");
  }
}

void HandlerPool::stop() {
  std::vector<std::thread> threads;  // whoever stops first joins them
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->stopping = true;
    threads.swap(threads_);
  }
  queue_->changed.notify_all();
  for (std::thread& thread : threads) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else if (thread.joinable()) {
      thread.join();
    }
  }
}

}  // namespace nb::rpc

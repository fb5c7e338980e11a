#include <nb/rpc/pending.h>

#include <nb/base/verror.h>

namespace nb {

bool PendingCore::is_done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

Error PendingCore::blocking_refused() {
  return verror::BadState(
      "get() on a thread of the runtime would block its connections; use co_await or then(), or nb::pool for handlers");
}

bool PendingCore::wait() {
  std::unique_lock lock(mutex_);
  if (done_) return true;
  if (home_.is_current()) return false;
  done_changed_.wait(lock, [this] { return done_; });
  return true;
}

bool PendingCore::when_done(Executor where, std::function<void()> resume) {
  const std::lock_guard lock(mutex_);
  if (done_) return false;
  where_ = std::move(where);
  resume_ = std::move(resume);
  return true;
}

void PendingCore::forget() {
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(resume_);
}

bool PendingCore::finish(const std::function<void()>& store) {
  Executor where;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return false;
    store();
    done_ = true;
    if (resume_) where = where_ ? where_ : home_;
  }
  done_changed_.notify_all();
  // The waiter is taken out only when its turn has come, so that a coroutine destroyed meanwhile is not resumed.
  if (where) where.post([self = self_.lock()] { run(self); });
  return true;
}

void PendingCore::run(const std::shared_ptr<PendingCore>& self) {
  std::function<void()> resume;
  {
    const std::lock_guard lock(self->mutex_);
    resume.swap(self->resume_);
  }
  if (resume) resume();
}

}  // namespace nb

#include <nb/base/context.h>

#include <atomic>
#include <condition_variable>
#include <iterator>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <nb/base/check.h>
#include <nb/base/verror.h>

namespace nb {

// One registered callback: runs at most once, and reset() waits for a run that is going on in another thread.
class ContextCallback {
 public:
  explicit ContextCallback(std::function<void(const Error&)> callback) : callback_(std::move(callback)) {}

  void run(const Error& error) {
    std::function<void(const Error&)> callback;
    {
      const std::lock_guard lock(mutex_);
      if (state_ != State::kWaiting) return;
      state_ = State::kRunning;
      runner_ = std::this_thread::get_id();
      callback = std::move(callback_);
    }
    callback(error);
    callback = nullptr;
    {
      const std::lock_guard lock(mutex_);
      state_ = State::kDone;
    }
    done_.notify_all();
  }

  void drop() {
    std::function<void(const Error&)> dropped;
    std::unique_lock lock(mutex_);
    if (state_ == State::kRunning && runner_ != std::this_thread::get_id()) {
      done_.wait(lock, [this] { return state_ != State::kRunning; });
    }
    if (state_ == State::kWaiting) state_ = State::kDone;
    dropped = std::move(callback_);
    lock.unlock();
  }

  // Its place in the list of the node that it is registered with; the node's business.
  std::list<std::shared_ptr<ContextCallback>>::iterator place;
  bool is_listed = false;

 private:
  enum class State { kWaiting, kRunning, kDone };
  std::mutex mutex_;
  std::condition_variable done_;
  State state_ = State::kWaiting;
  std::thread::id runner_;
  std::function<void(const Error&)> callback_;
};

// A scope that ends: by its deadline, by its canceler, or with its parent. Nothing is armed (no timer, no entry at the
// parent) before somebody wants to be called back, so that a call that is only asked "has it ended?" costs no timer.
class ContextNode : public std::enable_shared_from_this<ContextNode> {
 public:
  ContextNode(std::shared_ptr<Timers> timers, std::shared_ptr<ContextNode> parent,
              std::optional<Clock::Steady> deadline)
      : timers_(std::move(timers)), parent_(std::move(parent)), deadline_(deadline) {}

  ~ContextNode() {
    if (timer_ != TimerId::kNone) timers_->forget(timer_);
  }

  const std::shared_ptr<Timers>& timers() const { return timers_; }
  std::optional<Clock::Steady> deadline() const { return deadline_; }

  // Cancelled beats timed out, wherever in the ancestry it happened.
  Error error() const {
    for (const ContextNode* node = this; node != nullptr; node = node->parent_.get()) {
      if (node->cancelled_.load(std::memory_order_acquire)) return verror::Canceled();
    }
    if (timed_out_.load(std::memory_order_acquire) || (deadline_ && timers_->clock()->now() >= *deadline_)) {
      return verror::Timeout();
    }
    return Error();
  }

  void cancel() {
    cancelled_.store(true, std::memory_order_release);
    end(verror::Canceled());
  }

  void add(const std::shared_ptr<ContextCallback>& callback) {
    if (const Error past = error()) {
      end(past);
      callback->run(past);
      return;
    }
    arm();
    {
      const std::lock_guard lock(mutex_);
      if (!ended_) {
        callbacks_.push_back(callback);
        callback->place = std::prev(callbacks_.end());
        callback->is_listed = true;
        return;
      }
    }
    callback->run(error());
  }

  void remove(ContextCallback& callback) {
    std::shared_ptr<ContextCallback> dropped;
    const std::lock_guard lock(mutex_);
    if (!std::exchange(callback.is_listed, false)) return;
    dropped = std::move(*callback.place);
    callbacks_.erase(callback.place);
  }

 private:
  void end(const Error& error) {
    std::list<std::shared_ptr<ContextCallback>> callbacks;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      ended_ = true;
      callbacks.swap(callbacks_);
      for (const auto& callback : callbacks) callback->is_listed = false;
    }
    for (const auto& callback : callbacks) callback->run(error);
  }

  // Once: from now on the parent and the timers tell this node.
  void arm() {
    {
      const std::lock_guard lock(mutex_);
      if (armed_) return;
      armed_ = true;
    }
    const auto weak = weak_from_this();
    if (parent_ != nullptr) {
      const auto callback = std::make_shared<ContextCallback>([weak](const Error& error) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        if (verror::Timeout.matches(error)) self->timed_out_.store(true, std::memory_order_release);
        self->end(error);
      });
      parent_link_ = ParentLink(parent_, callback);
      parent_->add(callback);
    }
    const bool own_deadline = deadline_ && (parent_ == nullptr || parent_->deadline_ != deadline_);
    if (!own_deadline) return;
    const TimerId timer = timers_->call_at(*deadline_, [weak] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      self->timed_out_.store(true, std::memory_order_release);
      self->end(self->error());
    });
    const std::lock_guard lock(mutex_);
    timer_ = timer;
  }

  // Takes the node out of its parent's list when it goes.
  struct ParentLink {
    ParentLink() = default;
    ParentLink(std::shared_ptr<ContextNode> parent_, std::shared_ptr<ContextCallback> callback_)
        : parent(std::move(parent_)), callback(std::move(callback_)) {}
    ParentLink(ParentLink&&) = default;
    ParentLink& operator=(ParentLink&&) = default;
    ~ParentLink() {
      if (parent != nullptr) parent->remove(*callback);
    }
    std::shared_ptr<ContextNode> parent;
    std::shared_ptr<ContextCallback> callback;
  };

  const std::shared_ptr<Timers> timers_;
  const std::shared_ptr<ContextNode> parent_;
  const std::optional<Clock::Steady> deadline_;  // the earliest of the ancestry
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> timed_out_ = false;
  std::mutex mutex_;
  bool armed_ = false;
  bool ended_ = false;
  TimerId timer_ = TimerId::kNone;
  std::list<std::shared_ptr<ContextCallback>> callbacks_;
  ParentLink parent_link_;
};

struct ContextValue {
  ContextValue(const void* key_, std::shared_ptr<const void> value_, std::shared_ptr<const ContextValue> next_)
      : key(key_), value(std::move(value_)), next(std::move(next_)) {}
  const void* key;
  std::shared_ptr<const void> value;
  std::shared_ptr<const ContextValue> next;
};

namespace {
constexpr ContextKey kLanguage{"language"};
}  // namespace

void Canceler::cancel() const {
  if (node_ != nullptr) node_->cancel();
}

ContextRegistration& ContextRegistration::operator=(ContextRegistration&& other) noexcept {
  if (this == &other) return *this;
  reset();
  node_ = std::move(other.node_);
  callback_ = std::move(other.callback_);
  return *this;
}

void ContextRegistration::reset() {
  const auto callback = std::move(callback_);
  callback_ = nullptr;
  if (callback == nullptr) return;
  node_->remove(*callback);
  callback->drop();
  node_ = nullptr;
}

Context::Context(std::shared_ptr<ContextNode> node, std::shared_ptr<const ContextValue> values)
    : node_(std::move(node)), values_(std::move(values)) {}

Context Context::root(std::shared_ptr<Timers> timers) {
  return Context(std::make_shared<ContextNode>(std::move(timers), nullptr, std::nullopt), nullptr);
}

Context Context::with_timeout(std::chrono::nanoseconds timeout) const {
  if (node_ == nullptr) return *this;
  const auto now = node_->timers()->clock()->now();
  // A timeout beyond the end of time is none; adding it would overflow.
  if (timeout > Clock::Steady::max() - now) return *this;
  return with_deadline(now + std::chrono::duration_cast<Clock::Steady::duration>(timeout));
}

Context Context::with_deadline(Clock::Steady deadline) const {
  if (node_ == nullptr) return *this;
  if (node_->deadline() && *node_->deadline() <= deadline) return *this;
  return Context(std::make_shared<ContextNode>(node_->timers(), node_, deadline), values_);
}

WithCancel Context::with_cancel() const {
  if (node_ == nullptr) return WithCancel(*this, Canceler());
  auto node = std::make_shared<ContextNode>(node_->timers(), node_, node_->deadline());
  return WithCancel(Context(node, values_), Canceler(node));
}

Context Context::with_value(const ContextKey& key, std::shared_ptr<const void> value) const {
  return Context(node_, std::make_shared<const ContextValue>(&key, std::move(value), values_));
}

Context Context::with_language(std::string language) const {
  return with_value(kLanguage, std::make_shared<const std::string>(std::move(language)));
}

std::optional<Clock::Steady> Context::deadline() const { return node_ == nullptr ? std::nullopt : node_->deadline(); }

std::optional<std::chrono::nanoseconds> Context::time_left() const {
  const auto end = deadline();
  if (!end) return std::nullopt;
  const auto left = std::chrono::nanoseconds(*end - now());
  return left < std::chrono::nanoseconds(0) ? std::chrono::nanoseconds(0) : left;
}

Error Context::error() const { return node_ == nullptr ? Error() : node_->error(); }

ContextRegistration Context::on_end(std::function<void(const Error&)> callback) const {
  ContextRegistration registration;
  if (node_ == nullptr) return registration;
  registration.node_ = node_;
  registration.callback_ = std::make_shared<ContextCallback>(std::move(callback));
  node_->add(registration.callback_);
  return registration;
}

const void* Context::value(const ContextKey& key) const {
  for (const ContextValue* entry = values_.get(); entry != nullptr; entry = entry->next.get()) {
    if (entry->key == &key) return entry->value.get();
  }
  return nullptr;
}

std::string_view Context::language() const {
  const auto* language = static_cast<const std::string*>(value(kLanguage));
  return language == nullptr ? std::string_view() : std::string_view(*language);
}

Clock::Steady Context::now() const {
  NB_CHECK(node_ != nullptr, "only a context of a runtime knows the time");
  return node_->timers()->clock()->now();
}

}  // namespace nb

#include <nb/base/context.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

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

  // Its place in the list of the node that it is registered with; the node's business, under the node's lock.
  std::shared_ptr<ContextCallback> next;  // the list owns it
  ContextCallback* previous = nullptr;
  bool is_listed = false;

 private:
  enum class State { kWaiting, kRunning, kDone };
  std::mutex mutex_;
  std::condition_variable done_;
  State state_ = State::kWaiting;
  std::thread::id runner_;
  std::function<void(const Error&)> callback_;
};

// The callbacks registered with a node, first come first called. The links lie in the callbacks: every call registers
// one, and this costs it no allocation of its own.
class ContextCallbacks {
 public:
  ContextCallbacks() = default;
  ContextCallbacks(const ContextCallbacks&) = delete;
  ContextCallbacks& operator=(const ContextCallbacks&) = delete;
  ~ContextCallbacks() {
    while (first_ != nullptr) pop_front();
  }

  bool empty() const { return first_ == nullptr; }

  void push_back(std::shared_ptr<ContextCallback> callback) {
    ContextCallback* const added = callback.get();
    added->previous = last_;
    added->is_listed = true;
    (last_ == nullptr ? first_ : last_->next) = std::move(callback);
    last_ = added;
  }

  std::shared_ptr<ContextCallback> remove(ContextCallback& callback) {
    std::shared_ptr<ContextCallback>& owner = callback.previous == nullptr ? first_ : callback.previous->next;
    std::shared_ptr<ContextCallback> removed = std::move(owner);
    owner = std::move(callback.next);
    (owner == nullptr ? last_ : owner->previous) = callback.previous;
    callback.previous = nullptr;
    callback.is_listed = false;
    return removed;
  }
  std::shared_ptr<ContextCallback> pop_front() { return remove(*first_); }

 private:
  std::shared_ptr<ContextCallback> first_;
  ContextCallback* last_ = nullptr;
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
    if (armed_.load(std::memory_order_relaxed) && parent_ != nullptr) parent_->remove_child(*this);
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
    end(nullptr);
  }

  void add(const std::shared_ptr<ContextCallback>& callback) {
    if (const Error past = error()) {
      end(&past);
      callback->run(past);
      return;
    }
    arm();
    {
      const std::lock_guard lock(mutex_);
      if (!ended_) return callbacks_.push_back(callback);
    }
    callback->run(error());
  }

  void remove(ContextCallback& callback) {
    std::shared_ptr<ContextCallback> dropped;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    if (callback.is_listed) dropped = callbacks_.remove(callback);
  }

 private:
  // Null: it was cancelled. Then the error is made only if somebody hears it, which for most scopes is nobody.
  void end(const Error* why) {
    std::vector<std::shared_ptr<ContextNode>> children;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      ended_ = true;
      if (callbacks_.empty() && first_child_ == nullptr) return;
      // A child that is being destroyed waits for the lock, to leave the list.
      for (ContextNode* child = first_child_; child != nullptr; child = child->next_sibling_) {
        if (auto alive = child->weak_from_this().lock()) children.push_back(std::move(alive));
      }
    }
    const Error error = why == nullptr ? Error(verror::Canceled()) : *why;
    while (const auto callback = take_callback()) callback->run(error);
    for (const auto& child : children) child->parent_ended(error);
  }

  std::shared_ptr<ContextCallback> take_callback() {
    const std::lock_guard lock(mutex_);
    return callbacks_.empty() ? nullptr : callbacks_.pop_front();
  }

  void parent_ended(const Error& error) {
    if (verror::Timeout.matches(error)) timed_out_.store(true, std::memory_order_release);
    end(&error);
  }

  // Once: from now on the parent and the timers tell this node.
  void arm() {
    if (armed_.exchange(true, std::memory_order_acq_rel)) return;
    if (parent_ != nullptr) parent_->add_child(*this);
    const bool own_deadline = deadline_ && (parent_ == nullptr || parent_->deadline_ != deadline_);
    if (!own_deadline) return;
    const TimerId timer = timers_->call_at(*deadline_, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      self->timed_out_.store(true, std::memory_order_release);
      const Error error = self->error();
      self->end(&error);
    });
    const std::lock_guard lock(mutex_);
    timer_ = timer;
  }

  void add_child(ContextNode& child) {
    const Error past = error();
    if (past) {
      end(&past);
    } else {
      arm();
      const std::lock_guard lock(mutex_);
      if (!ended_) {
        child.next_sibling_ = first_child_;
        child.sibling_link_ = &first_child_;
        if (first_child_ != nullptr) first_child_->sibling_link_ = &child.next_sibling_;
        first_child_ = &child;
        return;
      }
    }
    child.parent_ended(past ? past : error());
  }

  void remove_child(ContextNode& child) {
    const std::lock_guard lock(mutex_);
    if (child.sibling_link_ == nullptr) return;
    *child.sibling_link_ = child.next_sibling_;
    if (child.next_sibling_ != nullptr) child.next_sibling_->sibling_link_ = child.sibling_link_;
    child.sibling_link_ = nullptr;
  }

  const std::shared_ptr<Timers> timers_;
  const std::shared_ptr<ContextNode> parent_;
  const std::optional<Clock::Steady> deadline_;  // the earliest of the ancestry
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> timed_out_ = false;
  std::atomic<bool> armed_ = false;
  std::mutex mutex_;
  bool ended_ = false;
  TimerId timer_ = TimerId::kNone;
  ContextCallbacks callbacks_;
  ContextNode* first_child_ = nullptr;  // the armed ones; each takes itself out when it goes
  // Its place among the children of its parent, under the parent's lock.
  ContextNode* next_sibling_ = nullptr;
  ContextNode** sibling_link_ = nullptr;  // what points at it
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

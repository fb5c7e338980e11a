// Context: what a call inherits from the work it is part of: a deadline, cancellation, and a few values.
//
//   auto ctx = runtime.context().with_timeout(5s);      // a child: ends when the parent does, or after five seconds
//   auto [scope, canceler] = ctx.with_cancel();         // a child that can be ended by hand
//
// A context is a small value: copy it, keep it, pass it on. It has *ended* once its deadline is past or somebody
// cancelled it or an ancestor of it; it never comes back. Everything here is safe from any thread.
//
// A default-made Context belongs to no runtime; calls refuse it with verror.BadArg "context not initialized".
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/error.h>
#include <nb/base/timers.h>

namespace nb {

class Context;
class ContextNode;
class ContextCallback;
struct WithCancel;
struct ContextValue;

// Ends one context, and with it all its descendants. Copies end the same context; destruction ends nothing.
class Canceler {
 public:
  Canceler() = default;
  void cancel() const;  // again: nothing happens

 private:
  friend class Context;
  explicit Canceler(std::shared_ptr<ContextNode> node) : node_(std::move(node)) {}
  std::shared_ptr<ContextNode> node_;  // shared: contexts and cancelers of one scope own it together
};

// Keeps a callback registered. Destroying it (or reset()) unregisters: after that the callback is not running and will
// not run, unless this is done from inside the callback itself.
class [[nodiscard]] ContextRegistration {
 public:
  ContextRegistration() = default;
  ContextRegistration(ContextRegistration&&) noexcept = default;
  ContextRegistration& operator=(ContextRegistration&&) noexcept;
  ~ContextRegistration() { reset(); }
  void reset();

 private:
  friend class Context;
  std::shared_ptr<ContextNode> node_;          // a registration keeps what it is registered with
  std::shared_ptr<ContextCallback> callback_;  // shared with the node until one of them lets go
};

// Identity of a value that travels in contexts. Make one `inline constexpr` object for each.
struct ContextKey {
  std::string_view name;  // for people; identity is the address
};

class Context {
 public:
  Context() = default;
  // A root: never ends by itself; the deadlines of descendants are kept by `timers`, which may be shut down before
  // the last context goes (its timers then just do not fire).
  static Context root(std::shared_ptr<Timers> timers);

  bool is_initialized() const { return node_ != nullptr; }

  Context with_timeout(std::chrono::nanoseconds timeout) const;
  // The earlier of this deadline and the inherited one counts.
  Context with_deadline(Clock::Steady deadline) const;
  WithCancel with_cancel() const;
  // A value for descendants; looked up by the key's address.
  Context with_value(const ContextKey& key, std::shared_ptr<const void> value) const;
  // IETF tag ("en-US"); travels with calls.
  Context with_language(std::string language) const;

  std::optional<Clock::Steady> deadline() const;
  // How much time is left: zero once it is past, nullopt without a deadline.
  std::optional<std::chrono::nanoseconds> time_left() const;
  bool has_ended() const { return static_cast<bool>(error()); }
  // No error while the context lives; then verror.Canceled or verror.Timeout. Cancelled beats timed out.
  Error error() const;

  // Calls back once when the context ends: on the thread that cancels, or on the timers' thread for a deadline.
  // If it has ended already, at once, before this returns. The callback must be short and must not block. The
  // registration keeps the context alive.
  ContextRegistration on_end(std::function<void(const Error&)> callback) const;

  const void* value(const ContextKey& key) const;  // null if there is none
  std::string_view language() const;               // "" if unset
  Clock::Steady now() const;                       // by the clock of its timers

 private:
  Context(std::shared_ptr<ContextNode> node, std::shared_ptr<const ContextValue> values);

  // Shared: every copy of a context, and every descendant, needs what its ancestors know.
  std::shared_ptr<ContextNode> node_;
  std::shared_ptr<const ContextValue> values_;
};

struct WithCancel {
  WithCancel(Context context_, Canceler canceler_) : context(std::move(context_)), canceler(std::move(canceler_)) {}
  Context context;
  Canceler canceler;
};

}  // namespace nb

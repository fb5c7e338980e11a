// AnsweredBy: which of a call's servers it was that answered. Travels in the context of a call that has several to
// choose from, for those who must not believe one server about the others. Safe from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <nb/base/context.h>

namespace nb::rpc {

class AnsweredBy {
 public:
  // The object name that was called, with the server's address; "" while there is none.
  std::string name() const {
    const std::lock_guard lock(mutex_);
    return name_;
  }
  // Contexts hand out what they carry as const.
  void set(std::string name) const {
    const std::lock_guard lock(mutex_);
    name_ = std::move(name);
  }

 private:
  mutable std::mutex mutex_;
  mutable std::string name_;
};

inline constexpr ContextKey kAnsweredBy{"answered by"};

inline Context with_answered_by(const Context& context, std::shared_ptr<const AnsweredBy> note) {
  return context.with_value(kAnsweredBy, std::move(note));
}

// The call's own note, or null. The context goes on without it, so that calls made for this one write nothing there; it
// still keeps the note alive.
inline const AnsweredBy* take_answered_by(Context& context) {
  const auto* const note = static_cast<const AnsweredBy*>(context.value(kAnsweredBy));
  if (note != nullptr) context = context.with_value(kAnsweredBy, nullptr);
  return note;
}

}  // namespace nb::rpc

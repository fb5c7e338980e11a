// Box<T>: an optional T that lives outside of the object that holds it, so that T may be incomplete where the Box is
// declared: `type Node struct { Next ?Node }`. Copies deeply, compares by content, has the interface of std::optional.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <nb/base/check.h>

namespace nb {

template <class T>
class Box {
 public:
  using value_type = T;

  Box() = default;
  Box(std::nullopt_t) {}
  Box(T value) : pointer_(new T(std::move(value))) {}
  Box(const Box& other) : pointer_(other.pointer_ ? new T(*other.pointer_) : nullptr) {}
  Box(Box&& other) noexcept = default;
  Box& operator=(const Box& other) {
    Box copy(other);
    pointer_ = std::move(copy.pointer_);
    return *this;
  }
  Box& operator=(Box&& other) noexcept = default;
  ~Box() = default;

  bool has_value() const { return pointer_ != nullptr; }
  explicit operator bool() const { return pointer_ != nullptr; }
  T& operator*() { return checked(); }
  const T& operator*() const { return checked(); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &checked(); }
  T& value() { return checked(); }
  const T& value() const { return checked(); }

  template <class... Args>
  T& emplace(Args&&... args) {
    pointer_.reset(new T(std::forward<Args>(args)...));
    return *pointer_;
  }
  void reset() { pointer_.reset(); }

  friend bool operator==(const Box& a, const Box& b) {
    if (!a.pointer_ || !b.pointer_) return !a.pointer_ && !b.pointer_;
    return *a.pointer_ == *b.pointer_;
  }
  friend bool operator==(const Box& a, std::nullopt_t) { return !a.pointer_; }

 private:
  T& checked() const {
    NB_CHECK(pointer_, "a Box is looked into only when it holds something");
    return *pointer_;
  }

  std::unique_ptr<T> pointer_;
};

}  // namespace nb

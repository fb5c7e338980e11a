// Fifo: first in, first out, for queues that are nearly always empty and of which there is one in each of very many
// connections. A std::deque takes 576 bytes for nothing; this takes nothing, and keeps little of what it once held.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace nb::flow {

template <class T>
class Fifo {
 public:
  bool empty() const { return first_ == items_.size(); }
  std::size_t size() const { return items_.size() - first_; }
  T& front() { return items_[first_]; }
  const T& front() const { return items_[first_]; }
  const T& operator[](std::size_t i) const { return items_[first_ + i]; }  // counted from the front
  void push_back(T item) { items_.push_back(std::move(item)); }
  void pop_front() {
    items_[first_] = T();  // what it holds goes now
    ++first_;
    if (empty()) {
      if (items_.capacity() > kKept) return clear();
      items_.clear();
      first_ = 0;
    } else if (first_ > kKept && first_ > items_.size() / 2) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }
  void clear() {
    items_ = std::vector<T>();  // from {} a vector keeps its memory
    first_ = 0;
  }

 private:
  static constexpr std::size_t kKept = 4;

  std::vector<T> items_;
  std::size_t first_ = 0;  // items before it are gone
};

}  // namespace nb::flow

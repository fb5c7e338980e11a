// Next<T>: what a stream's recv gives. True with an item; false at the end of the stream (error() is none) or when the
// stream broke (error() says why). So the loop is
//
//   while (auto point = co_await stream.recv()) use(*point);
#pragma once

#include <optional>
#include <utility>

#include <nb/base/check.h>
#include <nb/base/error.h>

namespace nb {

template <class T>
class [[nodiscard]] Next {
 public:
  using value_type = T;

  Next() = default;  // the end of the stream
  explicit Next(T item) : item_(std::move(item)) {}
  explicit Next(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return item_.has_value(); }
  bool at_end() const { return !item_ && !error_; }
  const Error& error() const { return error_; }

  T& operator*() & { return checked(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }

 private:
  T& checked() {
    NB_CHECK(item_.has_value(), "a Next is looked into only after it was found to hold an item");
    return *item_;
  }

  std::optional<T> item_;
  Error error_;
};

}  // namespace nb

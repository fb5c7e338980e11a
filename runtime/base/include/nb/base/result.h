// Result<T>: a value or the error that took its place.
//
//   nb::Result<std::int32_t> sum = client.Add(ctx, 1, 2).get();
//   if (!sum) return sum.error();
//   use(*sum);
//
// Nothing in Niobium throws across its interfaces; value() is the one function that throws, for programs that prefer
// it.
#pragma once

#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include <nb/base/check.h>
#include <nb/base/error.h>

namespace nb {

// Thrown by Result::value() and by nothing else.
class BadResult : public std::runtime_error {
 public:
  explicit BadResult(Error error);
  const Error& error() const { return error_; }

 private:
  Error error_;
};

// The "no error" that error() answers with on success; lives for ever.
const Error& no_error();

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // `error` must be one: an Error without an id is a bug of the caller.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {
    NB_CHECK(std::get<1>(state_), "a failed Result carries an error");
  }
  template <class U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
      Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // The value; a bug (the program stops with a message) when there is none.
  T& operator*() & { return checked(*this); }
  const T& operator*() const& { return checked(*this); }
  T&& operator*() && { return std::move(checked(*this)); }
  T* operator->() { return &checked(*this); }
  const T* operator->() const { return &checked(*this); }

  // The error; on success the empty one, so that asking `matches(r.error())` first is fine.
  const Error& error() const { return ok() ? no_error() : std::get<1>(state_); }

  // The value; throws BadResult when there is none.
  T& value() & { return thrown(*this); }
  const T& value() const& { return thrown(*this); }
  T&& value() && { return std::move(thrown(*this)); }

  template <class U>
  T value_or(U&& other) const& {
    return ok() ? std::get<0>(state_) : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return ok() ? std::move(std::get<0>(state_)) : static_cast<T>(std::forward<U>(other));
  }

  // f(value) gives a Result; an error passes through.
  template <class F>
  auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
    if (!ok()) return std::get<1>(std::move(state_));
    return std::forward<F>(f)(std::get<0>(std::move(state_)));
  }
  // f(value) gives a plain value; an error passes through.
  template <class F>
  auto transform(F&& f) && -> Result<std::invoke_result_t<F, T&&>> {
    if (!ok()) return std::get<1>(std::move(state_));
    return std::forward<F>(f)(std::get<0>(std::move(state_)));
  }

 private:
  template <class Self>
  static auto& checked(Self& self) {
    NB_CHECK(self.ok(), "a Result is looked into only after it was found ok");
    return std::get<0>(self.state_);
  }
  template <class Self>
  static auto& thrown(Self& self) {
    if (!self.ok()) throw BadResult(self.error());
    return std::get<0>(self.state_);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;  // success
  Result(Error error) : error_(std::move(error)) { NB_CHECK(error_, "a failed Result carries an error"); }

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }
  void value() const {
    if (error_) throw BadResult(error_);
  }
  template <class F>
  auto and_then(F&& f) && -> std::invoke_result_t<F> {
    if (error_) return std::move(error_);
    return std::forward<F>(f)();
  }

 private:
  Error error_;
};

}  // namespace nb

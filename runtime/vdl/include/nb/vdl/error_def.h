// ErrorDef: an error declared in VDL. It makes errors, recognises them and takes them apart.
//
//   inline constexpr nb::ErrorDef<std::int32_t> DivideByZero{
//       "calc.DivideByZero", nb::NoRetry, "{dividend} cannot be divided by zero", {"dividend"}};
//
//   return calc::DivideByZero(7);
//   if (calc::DivideByZero.matches(result.error())) …
//   if (auto params = calc::DivideByZero.params(result.error())) use(std::get<0>(*params));
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <nb/base/error.h>
#include <nb/vdl/any.h>

namespace nb {

// The parameters of an error. By convention the first two are strings: component and operation, possibly empty; the
// declared parameters follow.
class ErrorParamList final : public ErrorParams {
 public:
  explicit ErrorParamList(std::vector<Any> values) : values_(std::move(values)) {}
  const std::vector<Any>& values() const { return values_; }
  bool equals(const ErrorParams& other) const override;

 private:
  std::vector<Any> values_;
};

// All parameters of `error`, component and operation included; empty if there are none.
std::span<const Any> error_params(const Error& error);

// `format` with each {name} replaced by the parameter of that name; other braces stay.
std::string format_message(std::string_view format, std::span<const std::string_view> names,
                           std::span<const Any> params);

// How a parameter reads in a message: strings as they are, errors by their message, the rest as VDL literals
// without type.
std::string display(const Any& param);

namespace vdl {
Error make_error(std::string_view id, RetryAction action, std::string_view format,
                 std::span<const std::string_view> names, std::vector<Any> params);
}  // namespace vdl

template <class... Args>
class ErrorDef {
 public:
  constexpr ErrorDef(std::string_view id, RetryAction action, std::string_view format,
                     std::array<std::string_view, sizeof...(Args)> names = {})
      : id_(id), action_(action), format_(format), names_(names) {}

  constexpr std::string_view id() const { return id_; }
  constexpr RetryAction action() const { return action_; }
  constexpr std::string_view format() const { return format_; }

  Error operator()(const Args&... args) const {
    std::vector<Any> params;
    params.reserve(sizeof...(Args));
    (params.push_back(to_any(args)), ...);
    return vdl::make_error(id_, action_, format_, names_, std::move(params));
  }

  bool matches(const Error& error) const { return error.is(id_); }

  // The declared parameters; nothing if it is another error or its parameters are not of these types.
  std::optional<std::tuple<Args...>> params(const Error& error) const {
    const auto values = error_params(error);
    if (!matches(error) || values.size() < 2 + sizeof...(Args)) return std::nullopt;
    return unpack(values.subspan(2), std::index_sequence_for<Args...>());
  }

 private:
  template <class T>
  static Any to_any(const T& value) {
    return Any(value);
  }
  template <std::size_t... I>
  static std::optional<std::tuple<Args...>> unpack([[maybe_unused]] std::span<const Any> values,
                                                   std::index_sequence<I...>) {
    [[maybe_unused]] std::tuple<Result<Args>...> results(values[I].template as<Args>()...);
    if (!(std::get<I>(results).ok() && ...)) return std::nullopt;
    return std::tuple<Args...>(std::move(*std::get<I>(results))...);
  }

  std::string_view id_;
  RetryAction action_;
  std::string_view format_;
  std::array<std::string_view, sizeof...(Args)> names_;
};

}  // namespace nb

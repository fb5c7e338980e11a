// bind: makes a method of a generated server class callable by name. Included by generated .rpc.cc files alone.
//
//   nb::bind<&CalcServer::Add>("Add")
//
// Methods have the shape  nb::Reply<R> M(nb::ServerCall&, A…)  or  nb::Reply<R> M(nb::ServerCall&, A…, S&)  where S is
// an nb::ServerStream; the stream may also stand directly behind the call. Arguments are moved in by value.
#pragma once

#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <nb/base/check.h>
#include <nb/rpc/reply.h>
#include <nb/rpc/service.h>

namespace nb {
namespace rpc {

template <class T>
struct IsServerStream : std::false_type {};
template <class Recv, class Send>
struct IsServerStream<ServerStream<Recv, Send>> : std::true_type {};
template <class T>
inline constexpr bool kIsStreamParameter =
    std::is_lvalue_reference_v<T>&& IsServerStream<std::remove_reference_t<T>>::value;

template <class Method>
struct MethodShape;
template <class Object, class R, class... Parameters>
struct MethodShape<Reply<R> (Object::*)(ServerCall&, Parameters...)> {
  using ObjectType = Object;
  using ResultType = R;
  static constexpr std::size_t kCount = sizeof...(Parameters);
  template <std::size_t I>
  using Parameter = std::tuple_element_t<I, std::tuple<Parameters...>>;
  // Where the stream stands among the parameters; kCount when there is none.
  static constexpr std::size_t kStreamAt = [] {
    std::size_t at = 0;
    for (const bool stream : {kIsStreamParameter<Parameters>..., false}) {
      if (stream) break;
      ++at;
    }
    return at > kCount ? kCount : at;
  }();
  static constexpr std::size_t kArguments = kStreamAt < kCount ? kCount - 1 : kCount;
};

// Index of argument I among the parameters.
template <class Shape, std::size_t I>
inline constexpr std::size_t kParameterAt = I < Shape::kStreamAt ? I : I + 1;

template <class Shape, class Indices>
struct ArgumentTuple;
template <class Shape, std::size_t... I>
struct ArgumentTuple<Shape, std::index_sequence<I...>> {
  using type = std::tuple<std::remove_cvref_t<typename Shape::template Parameter<kParameterAt<Shape, I>>>...>;
};

// The results of a method that has ended.
template <class R>
struct ResultHolder {
  std::optional<R> value;
  decltype(value_refs(tie_results(std::declval<const R&>()))) refs{};

  void hold(Result<R>&& result) {
    value.emplace(std::move(*result));
    refs = value_refs(tie_results(std::as_const(*value)));
  }
};
template <>
struct ResultHolder<void> {
  std::array<ValueRef, 0> refs;
  void hold(Result<void>&&) {}
};

template <auto kMethod>
class BoundInvocation final : public Invocation {
  using Shape = MethodShape<decltype(kMethod)>;
  using Object = typename Shape::ObjectType;
  using R = typename Shape::ResultType;
  using Indices = std::make_index_sequence<Shape::kArguments>;
  using Arguments = typename ArgumentTuple<Shape, Indices>::type;

 public:
  BoundInvocation() : slots_(slot_refs(arguments_)) {}
  BoundInvocation(const BoundInvocation&) = delete;
  BoundInvocation& operator=(const BoundInvocation&) = delete;

  std::span<const SlotRef> arguments() override { return slots_; }

  bool start(Service& object, ServerCall& call, ServerStreamCore& stream, const Executor& where,
             std::function<void()> done) override {
    // The generated classes derive virtually from Service, so only a dynamic cast leads back.
    auto* self = dynamic_cast<Object*>(&object);
    NB_CHECK(self != nullptr, "a service implements the interfaces that its descriptor lists");
    try {
      reply_.emplace(invoke(*self, call, stream, Indices()));
    } catch (...) {
      reply_.emplace(error_of_exception(std::current_exception()));
    }
    return reply_->run(where, std::move(done));
  }

  Error finish() override {
    Result<R> result = reply_->take();
    if (!result) return result.error();
    results_.hold(std::move(result));
    return Error();
  }

  std::span<const ValueRef> results() const override { return results_.refs; }

 private:
  template <std::size_t... I>
  Reply<R> invoke(Object& self, ServerCall& call, [[maybe_unused]] ServerStreamCore& stream,
                  std::index_sequence<I...>) {
    if constexpr (Shape::kStreamAt == Shape::kCount) {
      return (self.*kMethod)(call, std::move(std::get<I>(arguments_))...);
    } else {
      auto& typed = stream_.emplace(stream);
      if constexpr (Shape::kStreamAt == 0) {
        return (self.*kMethod)(call, typed, std::move(std::get<I>(arguments_))...);
      } else {
        static_assert(Shape::kStreamAt == Shape::kCount - 1, "the stream stands first or last");
        return (self.*kMethod)(call, std::move(std::get<I>(arguments_))..., typed);
      }
    }
  }

  struct NoStream {};
  template <class S, bool kHasStream>
  struct StreamTypeOf {
    using type = NoStream;
  };
  template <class S>
  struct StreamTypeOf<S, true> {
    using type = std::remove_reference_t<typename S::template Parameter<S::kStreamAt>>;
  };

  Arguments arguments_{};
  std::array<SlotRef, Shape::kArguments> slots_;
  std::optional<typename StreamTypeOf<Shape, (Shape::kStreamAt < Shape::kCount)>::type> stream_;
  std::optional<Reply<R>> reply_;  // holds the coroutine, which refers to the members above
  ResultHolder<R> results_;
};

}  // namespace rpc

template <auto kMethod>
MethodBinding bind(std::string_view name) {
  return MethodBinding{name, [] { return std::unique_ptr<rpc::Invocation>(new rpc::BoundInvocation<kMethod>()); }};
}

}  // namespace nb

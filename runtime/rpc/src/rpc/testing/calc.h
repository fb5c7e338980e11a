// A service with one method of every shape, written by hand in the form that vdlc generates, so that the tests of this
// layer need no compiler.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

namespace calc {

inline constexpr ::nb::ErrorDef<std::int32_t> DivideByZero{
    "calc.DivideByZero", ::nb::NoRetry, "{dividend} cannot be divided by zero", {"dividend"}};

struct Point {
  double X{};
  double Y{};

  Point() = default;
  Point(double X_, double Y_) : X(X_), Y(Y_) {}

  friend bool operator==(const Point&, const Point&) = default;
};

struct CalcDivResults {
  std::int32_t quotient{};
  std::int32_t remainder{};
  CalcDivResults() = default;
  CalcDivResults(std::int32_t quotient_, std::int32_t remainder_) : quotient(quotient_), remainder(remainder_) {}
  friend bool operator==(const CalcDivResults&, const CalcDivResults&) = default;
};

class CalcClient {
 public:
  CalcClient(const ::nb::Runtime& runtime, std::string name, ::nb::CallOptions defaults = {})
      : object_(runtime, std::move(name), defaults) {}

  ::nb::Call<std::int32_t> Add(::nb::Context ctx, std::int32_t a, std::int32_t b, ::nb::CallOptions options = {}) const;
  ::nb::Call<CalcDivResults> Div(::nb::Context ctx, std::int32_t a, std::int32_t b,
                                 ::nb::CallOptions options = {}) const;
  ::nb::Call<::nb::Bytes> Echo(::nb::Context ctx, ::nb::Bytes data, ::nb::CallOptions options = {}) const;
  ::nb::Call<void> Wait(::nb::Context ctx, ::nb::CallOptions options = {}) const;
  ::nb::Call<void> Sleep(::nb::Context ctx, std::chrono::nanoseconds time, ::nb::CallOptions options = {}) const;
  ::nb::Call<std::int32_t> Flaky(::nb::Context ctx, std::int32_t failures, ::nb::CallOptions options = {}) const;
  ::nb::StreamCall<Point, Point, std::int32_t> Centre(::nb::Context ctx, ::nb::CallOptions options = {}) const;
  ::nb::StreamCall<void, std::int32_t, void> Count(::nb::Context ctx, std::int32_t upto,
                                                   ::nb::CallOptions options = {}) const;
  ::nb::StreamCall<::nb::Bytes, void, std::int64_t> Swallow(::nb::Context ctx, ::nb::CallOptions options = {}) const;

  const ::nb::Object& object() const { return object_; }

 private:
  ::nb::Object object_;
};

class CalcServer : public virtual ::nb::Service {
 public:
  virtual ::nb::Reply<std::int32_t> Add(::nb::ServerCall& call, std::int32_t a, std::int32_t b) = 0;
  virtual ::nb::Reply<CalcDivResults> Div(::nb::ServerCall& call, std::int32_t a, std::int32_t b) = 0;
  virtual ::nb::Reply<::nb::Bytes> Echo(::nb::ServerCall& call, ::nb::Bytes data) = 0;
  // Until the call is cancelled.
  virtual ::nb::Reply<void> Wait(::nb::ServerCall& call) = 0;
  // Blocks the thread.
  virtual ::nb::Reply<void> Sleep(::nb::ServerCall& call, std::chrono::nanoseconds time) = 0;
  // Fails with RetryBackoff so many times.
  virtual ::nb::Reply<std::int32_t> Flaky(::nb::ServerCall& call, std::int32_t failures) = 0;
  virtual ::nb::Reply<std::int32_t> Centre(::nb::ServerCall& call, ::nb::ServerStream<Point, Point>& stream) = 0;
  virtual ::nb::Reply<void> Count(::nb::ServerCall& call, std::int32_t upto,
                                  ::nb::ServerStream<void, std::int32_t>& stream) = 0;
  virtual ::nb::Reply<std::int64_t> Swallow(::nb::ServerCall& call, ::nb::ServerStream<::nb::Bytes, void>& stream) = 0;
  const ::nb::ServiceDescriptor& service_descriptor() const override;
};

}  // namespace calc

template <>
struct nb::Codec<::calc::Point> {
  static ::nb::Type type();
  static bool is_zero(const ::calc::Point& value);
  template <class W>
  static void write(W& w, const ::calc::Point& value);
  template <class R>
  static bool read(R& r, ::calc::Point& value);
};

template <>
struct nb::MultipleResults<::calc::CalcDivResults> : std::true_type {
  static auto tie(auto& r) { return std::tie(r.quotient, r.remainder); }
};

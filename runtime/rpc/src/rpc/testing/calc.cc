#include "rpc/testing/calc.h"

#include <nb/rpc/bind.h>
#include <nb/vdl/type_rows.h>
#include <nb/vom/instantiate.h>

namespace {
constexpr ::nb::FieldRow kFields0[] = {{"X", 1}, {"Y", 1}};
constexpr ::nb::TypeRow kTypes[] = {
    ::nb::TypeRow::structure("calc.Point", kFields0),
    ::nb::TypeRow::external(&::nb::Codec<double>::type),
};
const ::nb::TypeTable& types() {
  static const ::nb::TypeTable table(kTypes);
  return table;
}
}  // namespace

::nb::Type nb::Codec<::calc::Point>::type() { return types()[0]; }
bool nb::Codec<::calc::Point>::is_zero(const ::calc::Point& value) {
  return Codec<double>::is_zero(value.X) && Codec<double>::is_zero(value.Y);
}
template <class W>
void nb::Codec<::calc::Point>::write(W& w, const ::calc::Point& value) {
  w.begin_struct();
  if (!Codec<double>::is_zero(value.X)) {
    w.field(0);
    Codec<double>::write(w, value.X);
  }
  if (!Codec<double>::is_zero(value.Y)) {
    w.field(1);
    Codec<double>::write(w, value.Y);
  }
  w.end_struct();
}
template <class R>
bool nb::Codec<::calc::Point>::read(R& r, ::calc::Point& value) {
  value = ::calc::Point();
  if (!r.begin_struct()) return false;
  while (true) {
    switch (r.next_field()) {
      case 0:
        if (!Codec<double>::read(r, value.X)) return false;
        break;
      case 1:
        if (!Codec<double>::read(r, value.Y)) return false;
        break;
      case R::kEnd:
        return r.end();
      default:
        return false;
    }
  }
}
NB_INSTANTIATE_CODEC(::calc::Point)

namespace calc {

::nb::Call<std::int32_t> CalcClient::Add(::nb::Context ctx, std::int32_t a, std::int32_t b,
                                         ::nb::CallOptions options) const {
  return object_.call<std::int32_t>(std::move(ctx), options, "Add", a, b);
}
::nb::Call<CalcDivResults> CalcClient::Div(::nb::Context ctx, std::int32_t a, std::int32_t b,
                                           ::nb::CallOptions options) const {
  return object_.call<CalcDivResults>(std::move(ctx), options, "Div", a, b);
}
::nb::Call<::nb::Bytes> CalcClient::Echo(::nb::Context ctx, ::nb::Bytes data, ::nb::CallOptions options) const {
  return object_.call<::nb::Bytes>(std::move(ctx), options, "Echo", std::move(data));
}
::nb::Call<void> CalcClient::Wait(::nb::Context ctx, ::nb::CallOptions options) const {
  return object_.call<void>(std::move(ctx), options, "Wait");
}
::nb::Call<void> CalcClient::Sleep(::nb::Context ctx, std::chrono::nanoseconds time, ::nb::CallOptions options) const {
  return object_.call<void>(std::move(ctx), options, "Sleep", time);
}
::nb::Call<std::int32_t> CalcClient::Flaky(::nb::Context ctx, std::int32_t failures, ::nb::CallOptions options) const {
  return object_.call<std::int32_t>(std::move(ctx), options, "Flaky", failures);
}
::nb::StreamCall<Point, Point, std::int32_t> CalcClient::Centre(::nb::Context ctx, ::nb::CallOptions options) const {
  return object_.stream<Point, Point, std::int32_t>(std::move(ctx), options, "Centre");
}
::nb::StreamCall<void, std::int32_t, void> CalcClient::Count(::nb::Context ctx, std::int32_t upto,
                                                             ::nb::CallOptions options) const {
  return object_.stream<void, std::int32_t, void>(std::move(ctx), options, "Count", upto);
}
::nb::StreamCall<::nb::Bytes, void, std::int64_t> CalcClient::Swallow(::nb::Context ctx,
                                                                      ::nb::CallOptions options) const {
  return object_.stream<::nb::Bytes, void, std::int64_t>(std::move(ctx), options, "Swallow");
}

namespace {
const ::nb::InterfaceDescriptor& descriptor() {
  static const ::nb::InterfaceDescriptor calc{"Calc",
                                              "calc",
                                              "",
                                              {},
                                              {::nb::MethodDescriptor{"Add",
                                                                      "",
                                                                      {{"a", "", ::nb::Codec<std::int32_t>::type()},
                                                                       {"b", "", ::nb::Codec<std::int32_t>::type()}},
                                                                      {{"sum", "", ::nb::Codec<std::int32_t>::type()}},
                                                                      std::nullopt,
                                                                      std::nullopt,
                                                                      {::nb::Any("arithmetic")}}}};
  return calc;
}
}  // namespace

const ::nb::ServiceDescriptor& CalcServer::service_descriptor() const {
  static const ::nb::ServiceDescriptor service{
      {&descriptor()},
      {::nb::bind<&CalcServer::Add>("Add"), ::nb::bind<&CalcServer::Div>("Div"), ::nb::bind<&CalcServer::Echo>("Echo"),
       ::nb::bind<&CalcServer::Wait>("Wait"), ::nb::bind<&CalcServer::Sleep>("Sleep"),
       ::nb::bind<&CalcServer::Flaky>("Flaky"), ::nb::bind<&CalcServer::Centre>("Centre"),
       ::nb::bind<&CalcServer::Count>("Count"), ::nb::bind<&CalcServer::Swallow>("Swallow")}};
  return service;
}

}  // namespace calc

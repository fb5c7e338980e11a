// Clients: an object somewhere, and the calls on it. Generated clients (calc::CalcClient) are made of an Object;
// programs without generated code use Client.
//
//   nb::Client client(runtime);
//   nb::Result<std::int32_t> sum = client.call<std::int32_t>(ctx, name, "Add", std::int32_t{1}, std::int32_t{2}).get();
//   nb::Result<nb::AnyResults> results = client.call(ctx, name, "Add", nb::Any(…), …).get();
//
// Both are small copyable handles, safe from any thread. They do not keep the runtime alive: after its shutdown every
// call answers verror.BadState.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/context.h>
#include <nb/base/verror.h>
#include <nb/rpc/call.h>
#include <nb/rpc/call_options.h>
#include <nb/rpc/client_call.h>
#include <nb/rpc/descriptor.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/stream.h>
#include <nb/rpc/task.h>

namespace nb {

class Object {
 public:
  Object(const Runtime& runtime, std::string name, CallOptions defaults = CallOptions());
  Object(std::shared_ptr<rpc::RuntimeCore> runtime, std::string name, CallOptions defaults);

  const std::string& name() const { return name_; }
  const CallOptions& defaults() const { return defaults_; }

  // Starts a method without streams.
  template <class R, class... Args>
  Call<R> call(Context context, CallOptions options, std::string_view method, Args&&... args) const {
    auto result = make_pending<rpc::ResultState<R>>(home_);
    auto call = rpc::start_unary(
        runtime_,
        rpc::CallSpec(std::move(context), options.over(defaults_), name_, method,
                      std::make_shared<rpc::ValuesOf<rpc::KeptAs<Args>...>>(std::forward<Args>(args)...)),
        result);
    return Call<R>(std::move(call), Pending<Result<R>>(std::move(result)));
  }

  // Starts a method with streams.
  template <class Send, class Recv, class R, class... Args>
  StreamCall<Send, Recv, R> stream(Context context, CallOptions options, std::string_view method,
                                   Args&&... args) const {
    auto call = rpc::start_stream(
        runtime_, rpc::CallSpec(std::move(context), options.over(defaults_), name_, method,
                                std::make_shared<rpc::ValuesOf<rpc::KeptAs<Args>...>>(std::forward<Args>(args)...)));
    return StreamCall<Send, Recv, R>(std::move(call), home_);
  }

 private:
  std::shared_ptr<rpc::RuntimeCore> runtime_;  // shared by all handles; outlives the Runtime as a refusing shell
  Executor home_;
  std::string name_;
  CallOptions defaults_;
};

class Client {
 public:
  explicit Client(const Runtime& runtime, CallOptions options = CallOptions());

  // The same client with other options.
  Client with(CallOptions options) const { return Client(runtime_, options); }
  Object object(std::string name) const { return Object(runtime_, std::move(name), options_); }

  template <class R = AnyResults, class... Args>
  Call<R> call(Context context, std::string name, std::string_view method, Args&&... args) const {
    return object(std::move(name)).call<R>(std::move(context), CallOptions(), method, std::forward<Args>(args)...);
  }
  template <class Send, class Recv, class R = AnyResults, class... Args>
  StreamCall<Send, Recv, R> stream(Context context, std::string name, std::string_view method, Args&&... args) const {
    return object(std::move(name))
        .stream<Send, Recv, R>(std::move(context), CallOptions(), method, std::forward<Args>(args)...);
  }

 private:
  Client(std::shared_ptr<rpc::RuntimeCore> runtime, CallOptions options)
      : runtime_(std::move(runtime)), options_(options) {}

  std::shared_ptr<rpc::RuntimeCore> runtime_;  // shared by all handles; outlives the Runtime as a refusing shell
  CallOptions options_;
};

}  // namespace nb

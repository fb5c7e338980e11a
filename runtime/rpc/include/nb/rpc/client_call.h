// The common face of all running client calls, without their types. What Call and StreamCall stand on; not for users.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <nb/base/context.h>
#include <nb/rpc/call_options.h>
#include <nb/rpc/called_server.h>
#include <nb/rpc/executor.h>
#include <nb/rpc/next.h>
#include <nb/rpc/pending.h>
#include <nb/rpc/value_ops.h>

namespace nb::rpc {

class RuntimeCore;

// Where the results of a call go. Touched by the call alone until complete(); that is called exactly once.
class ResultTarget {
 public:
  virtual ~ResultTarget() = default;
  // One place for each result; nothing if their number is not `count`.
  virtual bool expects(std::size_t count) = 0;
  virtual std::span<const SlotRef> slots() = 0;
  virtual void complete(Error error) = 0;  // no error: the slots hold the results
};

template <class R>
class ResultState final : public PendingState<Result<R>>, public ResultTarget {
 public:
  explicit ResultState(Executor home)
      : PendingState<Result<R>>(std::move(home)), slots_(slot_refs(tie_results(results_))) {}
  bool expects(std::size_t count) override { return count == slots_.size(); }
  std::span<const SlotRef> slots() override { return slots_; }
  void complete(Error error) override {
    if (error) {
      PendingState<Result<R>>::complete(std::move(error));
    } else {
      PendingState<Result<R>>::complete(std::move(results_));
    }
  }

 private:
  R results_{};
  decltype(slot_refs(tie_results(std::declval<R&>()))) slots_;
};

template <>
class ResultState<void> final : public PendingState<Result<void>>, public ResultTarget {
 public:
  using PendingState::PendingState;
  bool expects(std::size_t count) override { return count == 0; }
  std::span<const SlotRef> slots() override { return {}; }
  void complete(Error error) override;
};

template <>
class ResultState<AnyResults> final : public PendingState<Result<AnyResults>>, public ResultTarget {
 public:
  using PendingState::PendingState;
  bool expects(std::size_t count) override;
  std::span<const SlotRef> slots() override { return slots_; }
  void complete(Error error) override;

 private:
  AnyResults results_;
  std::vector<SlotRef> slots_;
};

// Where a received item goes. complete() is called exactly once.
class ItemTarget {
 public:
  enum class Outcome { kItem, kEnd, kError };
  virtual ~ItemTarget() = default;
  virtual SlotRef slot() = 0;
  virtual void complete(Outcome outcome, const Error& error) = 0;
};

template <class T>
class ItemState final : public PendingState<Next<T>>, public ItemTarget {
 public:
  using PendingState<Next<T>>::PendingState;
  SlotRef slot() override { return SlotRef{&kValueOps<T>, &item_}; }
  void complete(Outcome outcome, const Error& error) override {
    switch (outcome) {
      case Outcome::kItem:
        PendingState<Next<T>>::complete(Next<T>(std::move(item_)));
        return;
      case Outcome::kEnd:
        PendingState<Next<T>>::complete(Next<T>());
        return;
      case Outcome::kError:
        PendingState<Next<T>>::complete(Next<T>(error));
        return;
    }
  }

 private:
  T item_{};
};

using DoneState = PendingState<Result<void>>;
using CalledServerState = PendingState<Result<CalledServer>>;

// A call that has been started. All functions are safe from any thread and return at once; operations take effect in
// the order in which they were asked for.
class ClientCall {
 public:
  virtual ~ClientCall() = default;
  virtual void send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) = 0;
  virtual void recv(std::shared_ptr<ItemTarget> target) = 0;
  virtual void close_send(std::shared_ptr<DoneState> done) = 0;
  virtual void finish(std::shared_ptr<ResultTarget> target) = 0;
  virtual void cancel() = 0;
  virtual void server(std::shared_ptr<CalledServerState> told) = 0;
};

struct CallSpec {
  CallSpec(Context context_, CallOptions options_, std::string name_, std::string_view method_,
           std::shared_ptr<const Values> arguments_)
      : context(std::move(context_)),
        options(options_),
        name(std::move(name_)),
        method(method_),
        arguments(std::move(arguments_)) {}
  Context context;
  CallOptions options;
  std::string name;
  std::string method;
  std::shared_ptr<const Values> arguments;  // shared: kept for a second try
};

// A method without streams: sends everything in one go and finishes into `target`.
std::shared_ptr<ClientCall> start_unary(const std::shared_ptr<RuntimeCore>& runtime, CallSpec spec,
                                        std::shared_ptr<ResultTarget> target);
std::shared_ptr<ClientCall> start_stream(const std::shared_ptr<RuntimeCore>& runtime, CallSpec spec);
Executor home_of(const std::shared_ptr<RuntimeCore>& runtime);

}  // namespace nb::rpc

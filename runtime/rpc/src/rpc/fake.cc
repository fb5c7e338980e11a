#include <nb/rpc/fake.h>

#include <nb/base/verror.h>
#include <nb/rpc/client_call.h>

namespace nb {

std::size_t FakeCalls::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void FakeCalls::expect_between(std::size_t least, std::size_t most) {
  const std::lock_guard lock(mutex_);
  least_ = least;
  most_ = most;
}

Error FakeCalls::count(bool has_function) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (calls_ > most_) {
    return verror::NotImplemented(name_ + " was expected " + std::to_string(most_) + " times, and this is call " +
                                  std::to_string(calls_));
  }
  if (!has_function) return verror::NotImplemented(name_ + " was called, and the test does not say what it does");
  return {};
}

std::string FakeCalls::broken() const {
  const std::lock_guard lock(mutex_);
  if (calls_ >= least_ && calls_ <= most_) return "";
  const bool has_most = most_ != std::numeric_limits<std::size_t>::max();
  return name_ + " was expected " + (has_most ? "" : "at least ") + std::to_string(least_) + " times and called " +
         std::to_string(calls_) + " times";
}

Result<void> verify_fakes(std::initializer_list<const FakeCalls*> methods) {
  std::string all;
  for (const FakeCalls* method : methods) {
    const std::string broken = method->broken();
    if (!broken.empty()) all += (all.empty() ? "" : "\n") + broken;
  }
  if (all.empty()) return {};
  return verror::BadState(all);
}

Task<Error> until_ended(Context context) {
  auto state = make_pending<rpc::DoneState>(Executor());
  const auto registration = context.on_end([state](const Error& why) { state->complete(why); });
  Pending<Result<void>> end(state);
  const auto ended = co_await end;
  co_return ended.error();
}

}  // namespace nb

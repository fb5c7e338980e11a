#include "rpc/type_channel.h"

#include <algorithm>
#include <utility>

#include <nb/base/verror.h>

#include "rpc/errors.h"
#include "rpc/flow_kinds.h"

namespace nb::rpc {

TypeChannel::TypeChannel(std::shared_ptr<conn::Flow> flow, bool dialed)
    : flow_(std::move(flow)), kind_written_(!dialed) {}

std::shared_ptr<TypeChannel> TypeChannel::over_dialed(std::shared_ptr<conn::Flow> flow) {
  auto channel = std::make_shared<TypeChannel>(std::move(flow), true);
  channel->flow_->listen(channel);
  return channel;
}

std::shared_ptr<TypeChannel> TypeChannel::over_accepted(std::shared_ptr<conn::Flow> flow, BytesView rest) {
  auto channel = std::make_shared<TypeChannel>(std::move(flow), false);
  if (!rest.empty()) channel->on_payload(Bytes(rest.begin(), rest.end()));
  channel->flow_->listen(channel);
  return channel;
}

void TypeChannel::flush() {
  if (flow_ == nullptr) return;
  if (kind_written_ && !encoder_.has_output()) return;
  Bytes bytes = encoder_.take();
  if (!std::exchange(kind_written_, true)) bytes.insert(bytes.begin(), kTypeFlow);
  flow_->write(std::move(bytes), false);
}

void TypeChannel::on_payload(Bytes payload) {
  const auto fed = decoder_.feed(payload);
  if (flow_ != nullptr) flow_->consumed(payload.size());
  if (!fed) return fail(fed.error());
  waiters_.tell();
}

void TypeChannel::on_closed(const Error& why) {
  flow_ = nullptr;
  fail(why ? why : verror::BadProtocol("the peer closed its type flow"));
}

void TypeChannel::fail(const Error& why) {
  if (!failure_) failure_ = why;
  waiters_.tell();
}

void TypeWaiters::add(const std::weak_ptr<TypeWaiter>& waiter) {
  const auto alive = waiter.lock();
  if (alive == nullptr) return;
  if (waiting_.size() >= look_through_at_) {
    std::erase_if(waiting_, [](const auto& each) { return each.second.expired(); });
    look_through_at_ = std::max<std::size_t>(64, 2 * waiting_.size());
  }
  waiting_.insert_or_assign(alive.get(), waiter);
}

void TypeWaiters::tell() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& [address, each] : waiting) {
    if (const auto told = each.lock()) told->on_types();
  }
}

}  // namespace nb::rpc

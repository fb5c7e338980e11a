#include "rpc/flow_kinds.h"

#include <chrono>
#include <utility>

namespace nb::rpc {

namespace {

constexpr std::chrono::seconds kKindTimeout(60);

// A flow that has not said its kind yet. It keeps itself until then.
class UnknownFlow final : public conn::FlowListener, public std::enable_shared_from_this<UnknownFlow> {
 public:
  UnknownFlow(std::shared_ptr<const FlowKinds> kinds, std::shared_ptr<conn::Flow> flow)
      : kinds_(std::move(kinds)), flow_(std::move(flow)) {}

  void start() {
    self_ = shared_from_this();
    flow_->listen(weak_from_this());
    if (self_ == nullptr) return;  // the kind was there already
    auto connection = flow_->connection().shared_from_this();
    timer_ = kinds_->timers()->call_at(kinds_->timers()->clock()->now() + kKindTimeout,
                                       [weak = weak_from_this(), connection] {
                                         connection->post([weak] {
                                           if (const auto self = weak.lock()) self->give_up();
                                         });
                                       });
  }

  void on_payload(Bytes payload) override {
    if (payload.empty() || flow_ == nullptr) return;
    const auto self = std::move(self_);
    auto flow = std::move(flow_);
    flow_ = nullptr;
    kinds_->timers()->forget(timer_);
    kinds_->pass_on(std::move(flow), payload);
  }
  void on_drained() override {}
  void on_closed(const Error&) override {
    kinds_->timers()->forget(timer_);
    self_ = nullptr;
  }

 private:
  void give_up() {
    if (flow_ != nullptr) flow_->close();
    self_ = nullptr;
  }

  const std::shared_ptr<const FlowKinds> kinds_;  // shared with the other flows of the manager
  std::shared_ptr<conn::Flow> flow_;              // null once it was passed on
  std::shared_ptr<UnknownFlow> self_;             // this; nobody else owns it
  TimerId timer_ = TimerId::kNone;
};

}  // namespace

const FlowHandler* FlowKinds::find(std::uint8_t kind) const {
  const auto found = handlers_.find(kind);
  return found == handlers_.end() ? nullptr : &found->second;
}

void FlowKinds::pass_on(std::shared_ptr<conn::Flow> flow, BytesView first) const {
  const FlowHandler* handler = find(first.front());
  flow->consumed(1);
  if (handler == nullptr) return flow->close();
  (*handler)(std::move(flow), first.subspan(1));
}

conn::FlowAcceptor FlowKinds::acceptor(std::shared_ptr<const FlowKinds> kinds) {
  return [kinds = std::move(kinds)](std::shared_ptr<conn::Flow> flow) {
    // Peers open a flow with its first bytes, so there is hardly ever anything to wait for, nor a timer to be set.
    if (const Bytes first = flow->take_first(); !first.empty()) return kinds->pass_on(std::move(flow), first);
    std::make_shared<UnknownFlow>(kinds, std::move(flow))->start();
  };
}

}  // namespace nb::rpc

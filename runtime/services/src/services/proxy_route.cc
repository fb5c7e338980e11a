#include "services/proxy_route.h"

#include <chrono>
#include <cstddef>

namespace nb::services {
namespace {

constexpr std::chrono::seconds kLinger(10);  // for an end to take what the other one has said last

}  // namespace

// One of the two flows, on its loop.
class ProxyRoute::End final : public conn::FlowListener, public std::enable_shared_from_this<End> {
 public:
  End(std::weak_ptr<ProxyRoute> route, std::shared_ptr<conn::Flow> flow)
      : route_(std::move(route)), flow_(std::move(flow)), connection_(flow_->connection().shared_from_this()) {}

  void know(const std::shared_ptr<End>& other) { other_ = other; }
  void start() {
    flow_->carry_messages();
    flow_->listen(weak_from_this());
  }

  void pass_on(Bytes payload) {
    if (is_over_ || is_finishing_) return;
    // The two carriers have agreed on different lengths, and a message in two parts is none.
    if (payload.size() > flow_->max_message()) return cut_off();
    written_ += payload.size();
    flow_->write(std::move(payload), false);
    tell_what_left();
  }

  // FlowListener
  void on_payload(Bytes payload) override {
    run_at_other([payload = std::move(payload)](End& other) mutable { other.pass_on(std::move(payload)); });
  }
  void on_drained() override { tell_what_left(); }
  void on_closed(const Error&) override {
    if (std::exchange(is_over_, true)) return;
    run_at_other([](End& other) { other.finish(); });
    if (const auto route = route_.lock()) {
      route->timers_->forget(timer_);
      route->ended();
    }
  }

 private:
  // Where both are on one loop: at once, for the other end writes at the end of this turn.
  template <class F>
  void run_at_other(F&& what) {
    const auto other = other_.lock();
    if (!other) return;
    if (other->connection_->in_executor()) return what(*other);
    other->connection_->post([other, what = std::forward<F>(what)]() mutable { what(*other); });
  }

  void tell_what_left() {
    const std::size_t left = written_ - flow_->pending();
    const std::size_t n = left - std::exchange(told_, left);
    if (n > 0) run_at_other([n](End& other) { other.flow_->consumed(n); });
  }

  // The other end has said its last.
  void finish() {
    if (is_over_ || std::exchange(is_finishing_, true)) return;
    if (const auto route = route_.lock()) {
      timer_ = route->timers_->call_at(route->timers_->clock()->now() + kLinger, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self) self->connection_->post([self] { self->cut_off(); });
      });
    }
    flow_->write({}, true);
  }

  void cut_off() {
    flow_->close();
    on_closed({});
  }

  const std::weak_ptr<ProxyRoute> route_;
  const std::shared_ptr<conn::Flow> flow_;
  const std::shared_ptr<conn::Connection> connection_;  // the flow's
  std::weak_ptr<End> other_;
  std::size_t written_ = 0;
  std::size_t told_ = 0;  // of it, to have left
  bool is_finishing_ = false;
  bool is_over_ = false;
  TimerId timer_ = TimerId::kNone;
};

void ProxyRoute::join(const std::shared_ptr<conn::Flow>& from, const std::shared_ptr<conn::Flow>& to, Bytes first) {
  from_ = std::make_shared<End>(weak_from_this(), from);
  to_ = std::make_shared<End>(weak_from_this(), to);
  from_->know(to_);
  to_->know(from_);
  to_->start();
  to_->pass_on(std::move(first));
  from->connection().post([from = from_] { from->start(); });
}

void ProxyRoute::ended() {
  if (--open_ == 0) over_(*this);
}

}  // namespace nb::services

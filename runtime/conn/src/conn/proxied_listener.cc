#include "conn/proxied_listener.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "conn/live_connection.h"
#include "flow/quoted.h"
#include "transport/errors.h"

namespace nb::conn {
namespace {

constexpr std::chrono::milliseconds kFirstPauseOfProxy(50);
constexpr std::chrono::milliseconds kLongestPauseOfProxy(60'000);
constexpr std::chrono::seconds kAnswerTimeout(60);  // some proxies refuse by saying nothing
constexpr std::chrono::seconds kBetweenTellings(1);

}  // namespace

// The flow on which the proxy answers. On the loop of its connection, but for end(); owned by the listener.
class ProxiedListener::Link final : public FlowListener, public std::enable_shared_from_this<Link> {
 public:
  Link(std::weak_ptr<ProxiedListener> listener, std::shared_ptr<Flow> flow)
      : listener_(std::move(listener)),
        flow_(std::move(flow)),
        connection_(std::static_pointer_cast<LiveConnection>(flow_->connection().shared_from_this())) {}

  void start(Bytes request) {
    flow_->listen(weak_from_this());
    flow_->write(std::move(request), false);
    timer_ = connection_->loop()->call_after(kAnswerTimeout, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->lose(transport::network_error("the proxy does not answer"));
    });
  }

  // Any thread.
  void end() {
    connection_->post([self = shared_from_this()] {
      self->connection_->loop()->forget(self->timer_);
      self->flow_->close();
    });
  }

  // FlowListener
  void on_payload(Bytes payload) override {
    connection_->loop()->forget(timer_);
    flow_->consumed(payload.size());
    auto endpoints = read_proxy_answer(payload);
    if (!endpoints) return lose(endpoints.error());
    if (const auto listener = listener_.lock()) listener->answered(*this, *std::move(endpoints));
  }
  void on_drained() override {}
  void on_closed(const Error& why) override {
    connection_->loop()->forget(timer_);
    lose(why ? why : transport::network_error("the proxy does not lead here any more"));
  }

  void lose(const Error& why) {
    flow_->close();
    if (const auto listener = listener_.lock()) listener->lost(this, why);
  }

  // They count as answered at that time, unless others take their place before.
  void answer_later(Clock::Steady when, std::vector<naming::Endpoint> endpoints) {
    const bool is_planned = untold_.has_value();
    untold_ = std::move(endpoints);
    if (is_planned) return;
    connection_->loop()->call_at(when, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      auto latest = *std::exchange(self->untold_, std::nullopt);
      if (const auto listener = self->listener_.lock()) listener->answered(*self, std::move(latest));
    });
  }

 private:
  const std::weak_ptr<ProxiedListener> listener_;
  const std::shared_ptr<Flow> flow_;
  const std::shared_ptr<LiveConnection> connection_;  // the flow's
  TimerId timer_ = TimerId::kNone;
  std::optional<std::vector<naming::Endpoint>> untold_;
};

ProxiedListener::ProxiedListener(Parts parts, Proxied as, naming::RoutingId own)
    : parts_(std::move(parts)), as_(as), own_(own), pause_(kFirstPauseOfProxy) {}

ProxiedListener::~ProxiedListener() { stop(); }

void ProxiedListener::start() { dial(); }

void ProxiedListener::stop() {
  std::shared_ptr<Link> link;
  TimerId timer;
  Canceler canceler;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(is_stopped_, true)) return;
    link = std::exchange(link_, nullptr);
    timer = std::exchange(timer_, TimerId::kNone);
    canceler = std::exchange(canceler_, Canceler());
  }
  parts_.event_loop->forget(timer);
  canceler.cancel();
  if (link) link->end();
}

void ProxiedListener::dial() {
  auto [context, canceler] = Context::root(parts_.event_loop).with_cancel();
  std::uint64_t attempt = 0;
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    attempt = ++attempt_;
    canceler_ = canceler;
    // The proxy's discharges, or our own, may never come.
    timer_ = parts_.event_loop->call_at(
        parts_.event_loop->clock()->now() + kAnswerTimeout, [weak = weak_from_this(), attempt] {
          if (const auto self = weak.lock()) {
            self->failed(attempt, transport::network_error("the proxy cannot be asked within a minute"));
          }
        });
  }
  parts_.dial(context, [weak = weak_from_this(), attempt](const Result<Dialed>& dialed) {
    const auto self = weak.lock();
    if (!self) return;
    if (!dialed) return self->failed(attempt, dialed.error());
    self->dialed(*dialed, attempt);
  });
}

void ProxiedListener::dialed(const Dialed& dialed, std::uint64_t attempt) {
  // Before the proxy knows of us, so that it opens no flow that nobody takes for what it is.
  if (parts_.carried) {
    auto& connection = static_cast<LiveConnection&>(*dialed.connection);
    connection.set_acceptor([weak = weak_from_this()](std::shared_ptr<Flow> flow) {
      const auto self = weak.lock();
      if (!self) return flow->close();
      bool is_stopped = false;
      {
        std::lock_guard lock(self->mutex_);
        is_stopped = self->is_stopped_;
      }
      if (is_stopped) return flow->close();
      self->parts_.carried(std::move(flow));
    });
  }
  parts_.show(dialed.server, [weak = weak_from_this(), dialed, attempt](flow::ShownBlessings shown) {
    dialed.connection->post([weak, dialed, attempt, shown = std::move(shown)]() mutable {
      if (const auto self = weak.lock()) self->ask(dialed, std::move(shown), attempt);
    });
  });
}

void ProxiedListener::ask(const Dialed& dialed, flow::ShownBlessings shown, std::uint64_t attempt) {
  auto flow = dialed.open_flow(std::move(shown));
  if (!flow) return failed(attempt, flow.error());
  const auto link = std::make_shared<Link>(weak_from_this(), *flow);
  TimerId timer;
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_ || attempt_ != attempt) return (*flow)->close();
    ++attempt_;
    timer = std::exchange(timer_, TimerId::kNone);
    canceler_ = Canceler();
    link_ = link;
  }
  parts_.event_loop->forget(timer);
  link->start(proxy_request(as_));
}

void ProxiedListener::failed(std::uint64_t attempt, const Error& why) {
  {
    std::lock_guard lock(mutex_);
    if (attempt_ != attempt) return;
    ++attempt_;
  }
  lost(nullptr, why);
}

Error ProxiedListener::objection(const naming::Endpoint& endpoint) const {
  const bool is_ours = as_ == Proxied::kServer
                           ? endpoint.routing_id == own_
                           : !endpoint.routes.empty() && endpoint.routes.back() == naming::to_string(own_);
  if (is_ours && endpoint.protocol != "bidi") return {};
  return transport::bad_arg("the proxy answers with an endpoint that does not lead here: " +
                            flow::quoted(naming::to_string(endpoint)));
}

// Proxies that stand behind each other would tell each other longer and longer ways without end.
bool ProxiedListener::is_straight(naming::Endpoint endpoint) const {
  // Where a way to a proxy begins, and where one to a server ends.
  const naming::RoutingId outer_end = std::exchange(endpoint.routing_id, own_);
  if (!next_hop(endpoint, own_)) return false;
  return std::none_of(endpoint.routes.begin(), endpoint.routes.end(),
                      [&](const std::string& route) { return naming::parse_routing_id(route).value() == outer_end; });
}

void ProxiedListener::answered(Link& link, std::vector<naming::Endpoint> endpoints) {
  for (const auto& endpoint : endpoints) {
    if (const Error wrong = objection(endpoint)) return link.lose(wrong);
  }
  std::erase_if(endpoints, [this](const naming::Endpoint& endpoint) { return !is_straight(endpoint); });
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_ || link_.get() != &link) return;
    const Clock::Steady now = parts_.event_loop->clock()->now();
    if (now < next_telling_) return link.answer_later(next_telling_, std::move(endpoints));
    next_telling_ = now + kBetweenTellings;
    pause_ = kFirstPauseOfProxy;
  }
  parts_.tell(std::move(endpoints));
}

void ProxiedListener::lost(const Link* link, const Error& why) {
  std::shared_ptr<Link> last;
  Canceler canceler;
  TimerId timer;
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_ || link_.get() != link) return;
    last = std::exchange(link_, nullptr);
    canceler = std::exchange(canceler_, Canceler());
    timer = timer_;
    timer_ = parts_.event_loop->call_at(parts_.event_loop->clock()->now() + pause_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->dial();
    });
    pause_ = std::min<std::chrono::nanoseconds>(pause_ * 2, kLongestPauseOfProxy);
  }
  parts_.event_loop->forget(timer);
  canceler.cancel();
  parts_.tell(why);
}

}  // namespace nb::conn

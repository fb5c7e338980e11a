// How a manager gets rid of connections that nobody needs, or needs least (docs/spec/flow-protocol.md 10.4, 11.4).
#include <algorithm>
#include <utility>

#include "conn/manager_core.h"
#include "transport/errors.h"

namespace nb::conn {
namespace {

// An honest peer is through its handshake by then, and one that floods us is not.
constexpr std::chrono::seconds kShortHandshake(1);

// How much a connection would be missed; the least first.
enum class Worth : std::uint8_t { kSlowHandshake, kIdle, kWithoutFlows, kBusy };

}  // namespace

void Manager::Core::plan_sweep() {
  using namespace std::chrono_literals;
  if (options_.idle_expiry <= std::chrono::nanoseconds(0)) return;
  const auto pause = std::clamp<std::chrono::nanoseconds>(options_.idle_expiry / 2, 10ms, 30min);
  const auto& timers = *options_.event_loop;
  std::lock_guard lock(mutex_);
  if (is_closed_) return;
  sweep_timer_ = options_.event_loop->call_at(timers.clock()->now() + pause, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->sweep();
  });
}

void Manager::Core::sweep() {
  for (const auto& connection : connections()) {
    connection->post([connection, expiry = options_.idle_expiry] { connection->sweep(expiry); });
  }
  plan_sweep();
}

void Manager::Core::shed(std::size_t count) {
  struct Sheddable {
    Worth worth;
    Clock::Steady last_used;
    std::shared_ptr<LiveConnection> connection;
  };
  std::vector<Sheddable> all;
  const auto now = options_.event_loop->clock()->now();
  const auto expiry = options_.idle_expiry;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [key, known] : connections_) {
      if (known.is_nested) continue;  // it has no descriptor
      const auto last_used = known.connection->last_used();
      Worth worth = known.connection->has_busy_flows() ? Worth::kBusy : Worth::kWithoutFlows;
      if (!known.is_established) {
        // Dials are waited for, and the youngest may be the very one that made descriptors scarce.
        if (!known.is_unauthenticated || now - last_used < kShortHandshake) continue;
        worth = Worth::kSlowHandshake;
      } else if (worth == Worth::kWithoutFlows && expiry.count() > 0 && now - last_used >= expiry) {
        worth = Worth::kIdle;
      }
      all.push_back({worth, last_used, known.connection});
    }
  }
  std::sort(all.begin(), all.end(), [](const Sheddable& a, const Sheddable& b) {
    return std::pair(a.worth, a.last_used) < std::pair(b.worth, b.last_used);
  });
  if (all.size() > count) all.resize(count);
  for (const Sheddable& each : all) {
    // At once: the descriptor is wanted now, and not when the peer has read our farewell.
    each.connection->post([connection = each.connection] {
      connection->abandon(transport::network_error("connection killed to free resources"));
    });
  }
}

}  // namespace nb::conn

#include <nb/security/discharge_fetcher.h>

#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include <nb/base/check.h>

#include "security/discharge_digest.h"

namespace nb {
namespace {

constexpr ContextKey kNoFetching{"without_fetching_discharges"};
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kSoonest = 5;

// The point in the middle between two, without overflow whatever they are.
Time middle(Time a, Time b) {
  const auto odd = a.seconds() % 2 + b.seconds() % 2;
  return Time(a.seconds() / 2 + b.seconds() / 2, (odd * 1'000'000'000 + a.nanos() + b.nanos()) / 2);
}

std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

v23::security::DischargeImpetus impetus_for(const v23::security::ThirdPartyRequirements& wanted,
                                            const DischargePurpose& purpose) {
  v23::security::DischargeImpetus impetus;
  if (wanted.ReportServer) {
    for (const auto& name : purpose.peer_names) impetus.Server.emplace_back(name);
  }
  if (wanted.ReportMethod) impetus.Method = purpose.method;
  if (wanted.ReportArguments) impetus.Arguments = purpose.arguments;
  return impetus;
}

// One run of prepare(). Its parts are owned by the callbacks that are still to come.
class Preparation : public std::enable_shared_from_this<Preparation> {
 public:
  Preparation(std::shared_ptr<DischargeClient> client, std::shared_ptr<Clock> clock, const Context& context,
              std::shared_ptr<BlessingStore> store, std::function<void(PreparedDischarges)> done)
      : client_(std::move(client)),
        clock_(std::move(clock)),
        context_(without_fetching_discharges(context)),
        fetching_(may_fetch_discharges(context)),
        store_(std::move(store)),
        done_(std::move(done)) {}

  void add(const Caveat& caveat, const DischargePurpose& purpose) {
    auto details = third_party(caveat);
    // Two chains may have grown from one certificate.
    if (!details || !ids_.insert(details->id).second) return;
    Wanted wanted;
    wanted.caveat = caveat;
    wanted.impetus = impetus_for(details->requirements, purpose);
    wanted.details = *std::move(details);
    wanted_.push_back(std::move(wanted));
  }

  void look_up() {
    const auto now = this->now();
    for (auto& one : wanted_) {
      auto cached = store_->discharge(one.caveat, one.impetus, now);
      if (!cached || discharge_id(cached->discharge) != one.details.id) continue;
      const auto refresh = discharge_refresh_time(cached->discharge, cached->cached_at);
      one.settled = !fetching_ || !refresh || now < *refresh;
      if (one.settled && fetching_) refresh_ = earlier(refresh_, refresh);
      one.best = std::move(cached->discharge);
    }
  }

  // Asks for all that is missing, at once.
  void start_round() {
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (!wanted_[i].settled) asked.push_back(i);
    }
    if (asked.empty() || !fetching_) return finish(false);
    got_ = 0;
    // One more, for this loop: the round must not end while it is being started.
    pending_ = asked.size() + 1;
    for (const auto i : asked) {
      const auto& one = wanted_[i];
      client_->discharge(
          context_, one.details.location, one.caveat, one.impetus,
          [self = shared_from_this(), i](Result<Discharge> answer) { self->take(i, std::move(answer)); });
    }
    end_one();
  }

 private:
  struct Wanted {
    Wanted() = default;
    Caveat caveat;
    ThirdParty details;
    v23::security::DischargeImpetus impetus;
    std::optional<Discharge> best;
    bool settled = false;
  };

  Time now() const { return Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(clock_->wall_now())); }

  static bool has_expired(const Discharge& discharge, Time now) {
    const auto expiry = discharge_expiry(discharge);
    return expiry && *expiry <= now;
  }

  // A discharge that the peer will refuse is not kept: whoever answers at the location need not be the discharger, and
  // one that has expired would be asked for again at once, and again.
  void take(std::size_t i, Result<Discharge> answer) {
    auto& one = wanted_[i];
    const auto now = this->now();
    if (answer && security::check_signature(*answer, one.details) && !has_expired(*answer, now)) {
      store_->cache_discharge(*answer, one.caveat, one.impetus, now);
      const std::lock_guard lock(mutex_);
      refresh_ = earlier(refresh_, discharge_refresh_time(*answer, now));
      one.best = *std::move(answer);
      one.settled = true;
      ++got_;
    }
    end_one();
  }

  void end_one() {
    if (--pending_ > 0) return;
    // Nobody else is here any more until the next round begins.
    bool all_settled = true;
    for (const auto& one : wanted_) all_settled = all_settled && one.settled;
    if (all_settled || got_ == 0) return finish(!all_settled);
    start_round();
  }

  void finish(bool something_failed) {
    PreparedDischarges ready;
    for (auto& one : wanted_) {
      if (one.best) ready.discharges.push_back(*std::move(one.best));
    }
    ready.refresh = refresh_;
    if (something_failed) {
      const auto now = this->now();
      ready.refresh = earlier(ready.refresh, Time(now.seconds(), now.nanos() + kMinute * 1'000'000'000));
    }
    // Whatever clocks and dischargers say: not before some seconds are over.
    if (ready.refresh) {
      const auto now = this->now();
      const Time soonest(now.seconds(), now.nanos() + kSoonest * 1'000'000'000);
      ready.refresh = std::max(*ready.refresh, soonest);
    }
    const auto done = std::exchange(done_, nullptr);
    done(std::move(ready));
  }

  const std::shared_ptr<DischargeClient> client_;
  const std::shared_ptr<Clock> clock_;
  const Context context_;
  const bool fetching_;
  const std::shared_ptr<BlessingStore> store_;
  std::function<void(PreparedDischarges)> done_;
  std::set<std::string> ids_;
  std::vector<Wanted> wanted_;
  std::atomic<std::size_t> pending_{0};
  std::mutex mutex_;  // of what several answers touch
  std::optional<Time> refresh_;
  std::size_t got_ = 0;
};

}  // namespace

std::optional<Time> discharge_refresh_time(const Discharge& discharge, std::optional<Time> cached_at) {
  const auto expiry = discharge_expiry(discharge);
  if (!expiry) return std::nullopt;
  if (!cached_at) return Time(expiry->seconds(), expiry->nanos() - kMinute * 1'000'000'000);
  // Not after its end, should the clock have been set back since.
  return std::min(*expiry, middle(*cached_at, *expiry));
}

Context without_fetching_discharges(const Context& context) {
  return context.with_value(kNoFetching, std::make_shared<const bool>(true));
}

bool may_fetch_discharges(const Context& context) { return context.value(kNoFetching) == nullptr; }

DischargeFetcher::DischargeFetcher(std::shared_ptr<DischargeClient> client, std::shared_ptr<Clock> clock)
    : client_(std::move(client)), clock_(std::move(clock)) {}

void DischargeFetcher::prepare(const Context& context, const Blessings& blessings, std::shared_ptr<BlessingStore> store,
                               DischargePurpose purpose, std::function<void(PreparedDischarges)> done) const {
  auto run = std::make_shared<Preparation>(client_, clock_, context, std::move(store), std::move(done));
  for (const auto& caveat : blessings.third_party_caveats()) run->add(caveat, purpose);
  run->look_up();
  run->start_round();
}

}  // namespace nb

#include "rpc/server_race.h"

#include <utility>

namespace nb::rpc {

ServerRace::ServerRace(std::vector<Candidate> servers, const Context& context, Executor home, Done done)
    : servers_(std::move(servers)),
      scope_(context.with_cancel()),
      home_(std::move(home)),
      done_(std::move(done)),
      dialed_(servers_.size()),
      failures_(servers_.size()),
      left_(servers_.size()) {}

void ServerRace::start(conn::Manager& manager, const conn::DialOptions& options) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    manager.dial(servers_[i].known->endpoint, scope_.context, options,
                 [self = shared_from_this(), i](const Result<conn::Dialed>& dialed) { self->arrived(i, dialed); });
  }
}

void ServerRace::arrived(std::size_t index, const Result<conn::Dialed>& dialed) {
  {
    const std::lock_guard lock(mutex_);
    --left_;
    if (done_ == nullptr) return;  // too late: the connection may stay for the next call
    if (dialed) {
      dialed_[index] = *dialed;
    } else {
      failures_[index] = dialed.error();
    }
    if (is_deciding_ || (!dialed && left_ > 0)) return;
    is_deciding_ = true;
  }
  // Those that are there at the same moment are looked at together.
  home_.post([self = shared_from_this()] { self->decide(); });
}

void ServerRace::decide() {
  Done done;
  std::optional<Winner> winner;
  std::vector<Error> failures;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
    for (std::size_t i = 0; i < dialed_.size() && !winner; ++i) {
      if (dialed_[i]) winner.emplace(i, *std::move(dialed_[i]));
    }
    dialed_.clear();
    failures.swap(failures_);
  }
  scope_.canceler.cancel();
  done(std::move(winner), failures);
}

}  // namespace nb::rpc

// DischargeFetcher: gets the discharges that blessings need before they are shown (docs/spec/security.md 9.6).
//
//   nb::DischargeFetcher fetcher(client, clock);
//   fetcher.prepare(ctx, blessings, store, purpose, [](nb::PreparedDischarges ready) { … });
//
// Does no I/O of its own: the DischargeClient does. The end that authorizes never fetches; whoever shows blessings
// does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/context.h>
#include <nb/security/blessing_store.h>
#include <nb/security/blessings.h>
#include <nb/security/discharge.h>

namespace nb {

// What the blessings are to be used for. A discharger is told only what its caveat asks for.
struct DischargePurpose {
  DischargePurpose() = default;
  std::vector<std::string> peer_names;  // of the server that will be called
  std::string method;
  std::vector<Any> arguments;
};

struct PreparedDischarges {
  PreparedDischarges() = default;
  // At most one for each third-party caveat, in the order of the caveats; what could not be had is not there.
  Discharges discharges;
  // When to prepare again: at the earliest refresh time of them, and in a minute at most when something failed; in five
  // seconds at the soonest. None: never.
  std::optional<Time> refresh;
};

// When to fetch a discharge again that came at `cached_at`: after half of its life; a minute before its end if nobody
// knows when it came. None: it does not expire.
std::optional<Time> discharge_refresh_time(const Discharge& discharge, std::optional<Time> cached_at);

// In a context made by this, nothing is fetched and what is in the store must do: a discharger that wants a discharge
// itself would otherwise be asked without end ([A-35]). DischargeClients get such a context.
Context without_fetching_discharges(const Context& context);
bool may_fetch_discharges(const Context& context);

// Immutable; any number of threads.
class DischargeFetcher {
 public:
  explicit DischargeFetcher(std::shared_ptr<DischargeClient> client, std::shared_ptr<Clock> clock = system_clock());

  // Takes fresh ones out of the store and fetches the others, all at once; those that failed are tried again for as
  // long as something new arrived, since one discharge may be needed to get another. A fetched one is checked (one
  // that has expired counts as failed) and put into the store. What cannot be fetched is answered by what the store
  // has, even if it is near its end.
  //
  // Calls `done` exactly once, before it returns or on a thread of the client. Ends when the client's calls end: they
  // end with the context.
  void prepare(const Context& context, const Blessings& blessings, std::shared_ptr<BlessingStore> store,
               DischargePurpose purpose, std::function<void(PreparedDischarges)> done) const;

 private:
  std::shared_ptr<DischargeClient> client_;  // shared with fetches that run
  std::shared_ptr<Clock> clock_;             // likewise
};

}  // namespace nb

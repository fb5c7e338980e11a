// One judgement of a call: whether caveats hold, and what finding out may cost. Whoever is judged chooses the caveats
// and the discharges, so that all caveats looked at for one decision share one budget, and each third-party caveat is
// answered once, however often it stands there (docs/spec/security.md 9.3, 16).
//
// One thread; made for one call and dropped with it.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/caveat.h>
#include <nb/security/security_call.h>

namespace nb::security {

// Of one judgement: third-party caveats that differ, and so signatures of discharges that are checked; and caveats of
// every kind, those of discharges included.
inline constexpr std::size_t kMaxDischargesOfJudgement = 64;
inline constexpr std::size_t kMaxCaveatsOfJudgement = 1024;

class Judgement {
 public:
  // Of `call`, by its validators or the standard ones. What is given must outlive it.
  Judgement(const Context& context, const SecurityCall& call);
  Judgement(const Context& context, const SecurityCall& call, const CaveatValidators& validators);

  // Fails closed, as CaveatValidators::validate() does; and when the budget is spent.
  Result<void> holds(const Caveat& caveat);

  std::size_t caveats() const { return caveats_; }               // looked at so far
  std::size_t third_parties() const { return answers_.size(); }  // answered so far

 private:
  enum class State { kOpen, kHolds, kFails };
  // What became of a third-party caveat.
  struct Answer {
    State state = State::kOpen;
    Error why;  // it fails
  };
  // A discharge that is good if the rest of its caveats hold.
  struct Open {
    Answer* answer;
    std::span<const Caveat> rest;
  };

  // Of one caveat; a third-party caveat whose discharge has caveats of its own is put on `open`.
  Result<void> look_at(const Caveat& caveat, std::vector<Open>& open);
  Result<void> look_at_third_party(const Caveat& caveat, std::vector<Open>& open);

  struct Less {
    bool operator()(BytesView a, BytesView b) const;
  };

  const Context& context_;
  const SecurityCall& call_;
  const CaveatValidators& validators_;
  std::map<BytesView, Answer, Less> answers_;  // by parameter; keys live in caveats of the call
  std::size_t caveats_ = 0;
};

}  // namespace nb::security

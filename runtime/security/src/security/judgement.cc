#include "security/judgement.h"

#include <algorithm>

#include "security/standard_caveats.h"
#include "security/third_party_check.h"

namespace nb::security {
namespace {

bool is_third_party(const Caveat& caveat) { return caveat.Id == v23::security::PublicKeyThirdPartyCaveat().Id; }

Result<void> failed(const Error& cause) { return v23::security::CaveatValidation(cause); }

}  // namespace

bool Judgement::Less::operator()(BytesView a, BytesView b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

Judgement::Judgement(const Context& context, const SecurityCall& call)
    : Judgement(context, call, call.validators ? *call.validators : standard_validators()) {}

Judgement::Judgement(const Context& context, const SecurityCall& call, const CaveatValidators& validators)
    : context_(context), call_(call), validators_(validators) {}

// Caveats of discharges are gone through in a list of work and not by recursion, for they may lead to each other.
Result<void> Judgement::holds(const Caveat& caveat) {
  std::vector<Open> open;
  auto verdict = look_at(caveat, open);
  while (verdict && !open.empty()) {
    auto& last = open.back();
    if (last.rest.empty()) {
      last.answer->state = State::kHolds;
      open.pop_back();
      continue;
    }
    const Caveat& next = last.rest.front();
    last.rest = last.rest.subspan(1);
    verdict = look_at(next, open);
  }
  for (const auto& one : open) *one.answer = {State::kFails, verdict.error()};
  return verdict;
}

Result<void> Judgement::look_at(const Caveat& caveat, std::vector<Open>& open) {
  if (caveats_ == kMaxCaveatsOfJudgement) return failed(verror::BadArg("there are too many caveats to check"));
  ++caveats_;
  if (is_third_party(caveat)) return look_at_third_party(caveat, open);
  const auto found = validators_.checks_.find(caveat.Id);
  if (found == validators_.checks_.end()) return v23::security::CaveatNotRegistered(caveat.Id);
  const auto holds = found->second(context_, call_, caveat.ParamVom);
  if (!holds && v23::security::CaveatParamCoding.matches(holds.error())) return holds;
  if (!holds) return failed(holds.error());
  return {};
}

Result<void> Judgement::look_at_third_party(const Caveat& caveat, std::vector<Open>& open) {
  if (const auto known = answers_.find(caveat.ParamVom); known != answers_.end()) {
    const auto& answer = known->second;
    if (answer.state == State::kHolds) return {};
    if (answer.state == State::kFails) return answer.why;
    return failed(verror::BadArg("discharges need each other"));
  }
  if (answers_.size() == kMaxDischargesOfJudgement) {
    return failed(verror::BadArg("there are too many third-party caveats to check"));
  }
  auto& answer = answers_[caveat.ParamVom];
  const auto more = caveats_of_discharge(call_, caveat);
  if (!more) {
    answer.state = State::kFails;
    answer.why = failed(more.error()).error();
    return answer.why;
  }
  open.push_back({&answer, *more});
  return {};
}

}  // namespace nb::security

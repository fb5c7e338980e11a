#include <nb/security/caveat.h>

#include <deque>

#include <nb/security/security_call.h>

#include "security/standard_caveats.h"
#include "security/third_party_check.h"

namespace nb {
namespace {

using v23::security::CaveatDescriptor;

// A caveat may lead to a discharge, whose caveats lead to others; a discharger can make a circle of them.
constexpr std::size_t kMaxDischarges = 64;
constexpr std::size_t kMaxCaveatsOfDischarges = 1024;

bool is_third_party(const Caveat& caveat) { return caveat.Id == v23::security::PublicKeyThirdPartyCaveat().Id; }

Result<void> failed(const Error& cause) { return v23::security::CaveatValidation(cause); }

}  // namespace

CaveatValidators::CaveatValidators() { security::add_standard_caveats(*this).value(); }

Result<void> CaveatValidators::add_check(const CaveatDescriptor& descriptor, const Type& type, Check check) {
  if (type != descriptor.ParamType) {
    return v23::security::CaveatParamTypeMismatch(descriptor.Id, type, descriptor.ParamType);
  }
  if (type.contains_any()) return v23::security::CaveatParamAny(descriptor.Id);
  if (descriptor.Id == v23::security::PublicKeyThirdPartyCaveat().Id || checks_.contains(descriptor.Id)) {
    return verror::Exist("there is a validator for caveat id " + Any(descriptor.Id).to_string());
  }
  checks_.emplace(descriptor.Id, std::move(check));
  return {};
}

Error CaveatValidators::coding_error(const CaveatDescriptor& descriptor, const Error& cause) {
  return v23::security::CaveatParamCoding(descriptor.Id, descriptor.ParamType, cause);
}

Result<void> CaveatValidators::validate(const Context& context, const SecurityCall& call, const Caveat& caveat) const {
  std::deque<const Caveat*> open = {&caveat};
  std::size_t discharges = 0, of_discharges = 0;
  for (; !open.empty(); open.pop_front()) {
    const Caveat& next = *open.front();
    if (is_third_party(next)) {
      if (++discharges > kMaxDischarges) return failed(verror::BadArg("too many discharges lead to each other"));
      const auto more = security::caveats_of_discharge(call, next);
      if (!more) return failed(more.error());
      of_discharges += more->size();
      if (of_discharges > kMaxCaveatsOfDischarges) return failed(verror::BadArg("discharges have too many caveats"));
      for (const auto& one : *more) open.push_back(&one);
      continue;
    }
    const auto found = checks_.find(next.Id);
    if (found == checks_.end()) return v23::security::CaveatNotRegistered(next.Id);
    const auto holds = found->second(context, call, next.ParamVom);
    if (!holds && v23::security::CaveatParamCoding.matches(holds.error())) return holds;
    if (!holds) return failed(holds.error());
  }
  return {};
}

namespace security {

const vom::Limits& parameter_limits() {
  static const vom::Limits limits = [] {
    vom::Limits small;
    small.max_message_bytes = 1 << 20;
    small.max_header_bytes = 1 << 10;
    small.max_length = 1 << 20;
    small.max_depth = 32;
    small.max_types = 256;
    small.max_pending_types = 64;
    small.max_type_stream_bytes = 64 << 10;
    small.max_type_message_bytes = 16 << 10;
    small.max_fields = 256;
    small.max_name_bytes = 1024;
    small.max_type_depth = 32;
    small.max_inline_bytes = 64 << 10;
    small.max_decoded_bytes = 16 << 20;
    return small;
  }();
  return limits;
}

Result<Caveat> make_caveat(const CaveatDescriptor& descriptor, const Type& type, Result<Bytes> parameter) {
  if (type != descriptor.ParamType) {
    return v23::security::CaveatParamTypeMismatch(descriptor.Id, type, descriptor.ParamType);
  }
  if (type.contains_any()) return v23::security::CaveatParamAny(descriptor.Id);
  if (!parameter) return v23::security::CaveatParamCoding(descriptor.Id, type, parameter.error());
  return Caveat(descriptor.Id, std::move(*parameter));
}

}  // namespace security
}  // namespace nb

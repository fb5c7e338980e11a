#include <nb/security/caveat.h>

#include <nb/security/security_call.h>

#include "security/judgement.h"
#include "security/standard_caveats.h"

namespace nb {
using v23::security::CaveatDescriptor;

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
  return security::Judgement(context, call, *this).holds(caveat);
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

// Caveats: conditions under which a blessing or a discharge counts (docs/spec/security.md 8).
//
//   principal.bless(key, with, "phone", nb::expiry_caveat(nb::Time::now() + 1h), {nb::method_caveat({"Get"})});
//
// Caveats of your own are constants in VDL (security.CaveatDescriptor with an id and a parameter type) and a validator:
//
//   nb::CaveatValidators validators;                               // knows the standard ones
//   validators.add<shop::MaxPrice>(shop::MaxPriceCaveat(), [](const nb::Context&, const nb::SecurityCall& call, const
//   shop::MaxPrice& max) -> nb::Result<void> { … }); runtime options take the validators;
//   nb::make_caveat(shop::MaxPriceCaveat(), shop::MaxPrice(10)) makes one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/base/verror.h>
#include <nb/security/blessings.h>
#include <nb/security/pattern.h>
#include <nb/vdl/any.h>
#include <nb/vdl/codec.h>
#include <nb/vom/vom.h>

namespace nb {

struct SecurityCall;

namespace security {
class Judgement;
}

Caveat const_caveat(bool holds);
Caveat unconstrained_use();  // holds always: to say so on purpose
Caveat expiry_caveat(Time last);
Caveat not_before_caveat(Time after);
Caveat method_caveat(const std::vector<std::string>& methods);            // any of them; at least one
Caveat peer_blessings_caveat(const std::vector<BlessingPattern>& peers);  // the end that checks must match one
// What to tell a discharger about the call.
struct DischargeRequirements {
  DischargeRequirements() = default;
  bool server = false;
  bool method = false;
  bool arguments = false;
};
// Holds if the owner of `discharger`, found under the object name `location`, issues a discharge; it must find `checks`
// (at least one, at most 64) to hold first. A random nonce makes each one differ (9.1). Else fails only if the system
// has no randomness.
Result<Caveat> third_party_caveat(const PublicKey& discharger, std::string location, DischargeRequirements requirements,
                                  std::vector<Caveat> checks);

namespace security {

Result<Caveat> make_caveat(const v23::security::CaveatDescriptor& descriptor, const Type& type,
                           Result<Bytes> parameter);

// How large and deep a parameter may be: 1 MiB of bytes, 16 MiB of memory, 256 types, 32 levels.
const vom::Limits& parameter_limits();

// The parameter of a caveat as exactly a T: no other type, whole, nothing behind it.
template <class T>
Result<T> decode_parameter(BytesView parameter_vom) {
  const Type wanted = Codec<T>::type();
  vom::Decoder decoder(parameter_limits());
  decoder.expect(wanted);
  decoder.feed(parameter_vom);
  decoder.finish();
  const auto step = decoder.step();
  if (step.kind == vom::Step::kError) return step.error;
  if (step.kind != vom::Step::kValue) return verror::BadArg("there is no whole value");
  if (decoder.type() != wanted) return verror::BadArg("the value has type " + decoder.type().to_string());
  auto value = decoder.value<T>();
  if (value && decoder.unread() > 0) return vom::trailing_bytes(decoder.unread());
  return value;
}

}  // namespace security

// T must be the parameter type of the descriptor (CaveatParamTypeMismatch).
template <class T>
Result<Caveat> make_caveat(const v23::security::CaveatDescriptor& descriptor, const T& parameter) {
  return security::make_caveat(descriptor, Codec<T>::type(), vom::encode(parameter));
}

// Which checks there are. Made once with the runtime and not changed after; const functions are safe from any thread.
class CaveatValidators {
 public:
  CaveatValidators();  // the standard ones of section 8.2

  using Check = std::function<Result<void>(const Context&, const SecurityCall&, BytesView parameter_vom)>;

  // Fails when the id is taken, when the type is not that of the descriptor (CaveatParamTypeMismatch) or contains any
  // (CaveatParamAny). A parameter of any other type than exactly T does not hold (CaveatParamCoding).
  template <class T>
  Result<void> add(const v23::security::CaveatDescriptor& descriptor,
                   std::function<Result<void>(const Context&, const SecurityCall&, const T&)> validator) {
    return add_check(descriptor, Codec<T>::type(), checked<T>(descriptor, std::move(validator)));
  }

  // Fails closed: an id that is not known, a parameter that does not decode, a validator that refuses
  // (CaveatNotRegistered, CaveatParamCoding, CaveatValidation). `call` is judged as the end that validates sees it: the
  // caveat is on a credential of its remote end (8.4). Work is bounded, also where discharges lead to each other: 64
  // third-party caveats that differ, 1024 caveats in all. Whoever judges many caveats of one call has the same bounds
  // for all of them together (remote_blessing_names(), dischargeable()).
  Result<void> validate(const Context& context, const SecurityCall& call, const Caveat& caveat) const;

 private:
  friend class security::Judgement;
  Result<void> add_check(const v23::security::CaveatDescriptor& descriptor, const Type& type, Check check);
  static Error coding_error(const v23::security::CaveatDescriptor& descriptor, const Error& cause);
  template <class T>
  static Check checked(const v23::security::CaveatDescriptor& descriptor,
                       std::function<Result<void>(const Context&, const SecurityCall&, const T&)> validator) {
    return [descriptor, validator = std::move(validator)](const Context& context, const SecurityCall& call,
                                                          BytesView parameter_vom) -> Result<void> {
      auto parameter = security::decode_parameter<T>(parameter_vom);
      if (!parameter) return coding_error(descriptor, parameter.error());
      return validator(context, call, *parameter);
    };
  }

  std::map<v23::uniqueid::Id, Check> checks_;
};

}  // namespace nb

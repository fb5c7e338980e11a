#include "rpc/legacy_request.h"

#include <utility>

#include <nb/base/verror.h>

namespace nb::rpc {

namespace {

constexpr std::uint64_t kMaxDischarges = 1024;

template <class T>
ValueRef ref(const T& value) {
  return ValueRef{&kValueOps<T>, &value};
}

Error named(const std::string& part, const Error& cause) {
  return verror::BadProtocol("failed to encode " + part + ": " + std::string(cause.message()));
}

std::string id_of(const v23::security::WireDischarge& discharge) {
  const auto* by_key = discharge.get_if<v23::security::WireDischarge::PublicKey>();
  return by_key == nullptr ? std::string() : by_key->value.ThirdPartyCaveatId;
}

template <class T>
Result<void> read_next(vom::Decoder& decoder, T& value, const char* part) {
  if (decoder.step().kind != vom::Step::kValue) return verror::BadProtocol(std::string("there is no ") + part);
  if (auto read = decoder.read(value); !read) {
    return verror::BadProtocol(std::string("failed to decode the ") + part + ": " +
                               std::string(read.error().message()));
  }
  return {};
}

}  // namespace

Result<void> write_legacy_call(const LegacyCall& call, std::span<const ValueRef> arguments, const AddValue& add) {
  ::legacy::Request2014 header;
  header.Suffix = call.suffix;
  header.Method = call.method;
  header.NumPosArgs = arguments.size();
  header.Timeout = call.timeout_ns;
  header.HasBlessing = call.granted.has_value();
  header.NumDischarges = call.discharges.size();
  header.TraceRequest = call.trace;
  if (auto added = add(ref(header)); !added) return named("the request", added.error());
  if (call.granted) {
    if (auto added = add(ref(*call.granted)); !added) return named("the granted blessing", added.error());
  }
  for (const auto& discharge : call.discharges) {
    if (auto added = add(ref(discharge)); !added) return named("discharge " + id_of(discharge), added.error());
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (auto added = add(arguments[i]); !added) return named("argument " + std::to_string(i), added.error());
  }
  return {};
}

Result<std::uint64_t> read_legacy_call(vom::Decoder& decoder, LegacyCall& call) {
  ::legacy::Request2014 header;
  if (auto read = read_next(decoder, header, "request"); !read) return read.error();
  if (header.NumDischarges > kMaxDischarges) return verror::BadProtocol("too many discharges");
  call.suffix = std::move(header.Suffix);
  call.method = std::move(header.Method);
  call.timeout_ns = header.Timeout;
  call.trace = std::move(header.TraceRequest);
  call.granted.reset();
  call.discharges.clear();
  if (header.HasBlessing) {
    if (auto read = read_next(decoder, call.granted.emplace(), "granted blessing"); !read) return read.error();
  }
  for (std::uint64_t i = 0; i < header.NumDischarges; ++i) {
    if (auto read = read_next(decoder, call.discharges.emplace_back(), "discharge"); !read) return read.error();
  }
  return header.NumPosArgs;
}

}  // namespace nb::rpc

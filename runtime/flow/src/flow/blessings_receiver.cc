#include "flow/blessings_receiver.h"

#include <string>
#include <utility>

#include <nb/base/check.h>

#include "flow/errors.h"
#include "security/chain.h"
#include "v.io/x/ref/runtime/internal/flow/conn/conn.vdl.h"

namespace nb::flow {
namespace {

namespace wire = ::x::ref::runtime::internal::flow::conn;

constexpr std::size_t kMaxValuesBeforeBind = 64;
// Of the keys at both ends of a chain, which appear when it is checked. A guess, on the safe side: what was weighed
// before must do for the time after.
constexpr std::size_t kMemoryOfKeys = 8 << 10;

vom::Limits stream_limits() {
  vom::Limits limits;
  limits.max_message_bytes = (1u << 20) + 4096;
  limits.max_header_bytes = 4096;
  limits.max_length = 1u << 20;
  limits.max_depth = 32;
  limits.max_types = 256;
  limits.max_pending_types = 128;
  limits.max_type_stream_bytes = 64 * 1024;
  limits.max_type_message_bytes = 16 * 1024;
  limits.max_fields = 256;
  limits.max_type_depth = 32;
  limits.max_inline_bytes = 1u << 20;
  limits.max_decoded_bytes = 8u << 20;
  return limits;
}

Error too_large(const v23::security::WireBlessings& blessings) {
  if (blessings.CertificateChains.size() > security::kMaxShownChains) {
    return kAborted("blessings of more than 16 chains");
  }
  std::size_t certificates = 0, caveats = 0;
  for (const auto& chain : blessings.CertificateChains) {
    certificates += chain.size();
    for (const auto& certificate : chain) caveats += certificate.Caveats.size();
  }
  // Each is a signature to check before anybody knows who the peer is.
  if (certificates > security::kMaxShownCertificates) return kAborted("blessings of more than 64 certificates");
  if (caveats > security::kMaxCaveats) return kAborted("blessings with more than 1024 caveats");
  return {};
}

// Small things take more memory than bytes on the wire.
std::size_t memory_of(const v23::security::WireBlessings& blessings) {
  std::size_t memory = 0;
  for (const auto& chain : blessings.CertificateChains) {
    memory += sizeof chain + chain.size() * sizeof chain.front() + kMemoryOfKeys;
    for (const auto& certificate : chain) memory += certificate.Caveats.size() * sizeof(Caveat);
  }
  return memory;
}

std::size_t memory_of(const Discharges& discharges) {
  std::size_t memory = discharges.size() * sizeof(Discharge);
  for (const Discharge& discharge : discharges) {
    discharge.visit([&](const Discharge::PublicKey& one) { memory += one.value.Caveats.size() * sizeof(Caveat); });
  }
  return memory;
}

template <class Defined>
Error objection_to(std::string_view what, Defined defined, std::uint64_t key) {
  switch (defined) {
    case Defined::kYes:
      return {};
    case Defined::kTwice:
      return kAborted("number " + std::to_string(key) + " was given to " + std::string(what) + " before");
    case Defined::kTooMany:
      return kAborted("too many " + std::string(what) + " that nobody uses");
  }
  return {};
}

}  // namespace

BlessingsReceiver::BlessingsReceiver(std::shared_ptr<ChainCache> cache, std::uint64_t seed)
    : cache_(std::move(cache)),
      decoder_(stream_limits()),
      blessings_(KeyTableLimits{}, seed),
      discharges_(KeyTableLimits{}, seed) {
  decoder_.expect(Codec<wire::BlessingsFlowMessage>::type());
}

Result<void> BlessingsReceiver::receive(BytesView bytes) {
  decoder_.feed(bytes);
  while (true) {
    const std::size_t before = decoder_.unread();
    const vom::Step step = decoder_.step();
    switch (step.kind) {
      case vom::Step::kNeedBytes:
      case vom::Step::kEnd:
        decoder_.shrink();  // there is seldom more
        return {};
      case vom::Step::kNeedType:
        return kAborted("the blessings flow uses a type that it does not define");
      case vom::Step::kError:
        return kAborted("the blessings flow is malformed: " + std::string(step.error.message()));
      case vom::Step::kValue:
        if (auto received = receive_value(before); !received) return received;
        break;
    }
  }
}

Result<void> BlessingsReceiver::receive_value(std::size_t unread_before) {
  if (!bound_key_ && ++values_before_bind_ > kMaxValuesBeforeBind) {
    return kAborted("more than 64 messages on the blessings flow before the peer has proved who it is");
  }
  auto message = decoder_.value<wire::BlessingsFlowMessage>();
  if (!message) return kAborted("the blessings flow is malformed: " + std::string(message.error().message()));
  const std::size_t on_wire = unread_before - decoder_.unread();
  Error error;
  if (auto* const blessings = message->get_if<wire::BlessingsFlowMessage::Blessings>()) {
    const std::uint64_t key = blessings->value.BKey;
    error = too_large(blessings->value.Blessings_);
    if (!error && key == 0) error = kAborted("blessings without a number");
    const std::size_t weight = on_wire + memory_of(blessings->value.Blessings_);
    Received received{std::move(blessings->value.Blessings_), {}};
    if (!error) error = objection_to("blessings", blessings_.define(key, std::move(received), weight), key);
  } else if (auto* const discharges = message->get_if<wire::BlessingsFlowMessage::Discharges>()) {
    const std::uint64_t key = discharges->value.DKey;
    const std::size_t weight = on_wire + memory_of(discharges->value.Discharges_);
    auto shared = std::make_shared<const Discharges>(std::move(discharges->value.Discharges_));
    if (key == 0) error = kAborted("discharges without a number");
    if (!error) error = objection_to("discharges", discharges_.define(key, std::move(shared), weight), key);
  } else {
    error = verror::NotTrusted("the peer encrypts its blessings for chosen peers, which is not supported");
  }
  if (error) return error;
  return {};
}

Result<ShownBlessings> BlessingsReceiver::resolve(std::uint64_t blessings_key, std::uint64_t discharges_key) {
  if (blessings_key == 0) return kAborted("message received with no blessings");
  Received* const received = blessings_.use(blessings_key);
  if (received == nullptr) {
    return kAborted("no blessings have the number " + std::to_string(blessings_key));
  }
  if (!received->checked) {
    Result<Blessings> checked = Blessings::from_wire(received->wire, cache_.get());
    if (!checked) return kAborted("the peer's blessings are not valid: " + std::string(checked.error().message()));
    received->checked = *std::move(checked);
    received->wire = {};
  }
  ShownBlessings shown(*received->checked);
  if (shown.blessings.is_zero()) return kAborted("message received with empty blessings");
  if (bound_key_ && !(shown.blessings.public_key() == bound_key_)) {
    return kAborted("blessings not bound to connection remote public key");
  }
  if (discharges_key == 0) return shown;
  const auto* const discharges = discharges_.use(discharges_key);
  if (discharges == nullptr) return kAborted("no discharges have the number " + std::to_string(discharges_key));
  shown.discharges = *discharges;
  return shown;
}

void BlessingsReceiver::bind(PublicKey key) {
  NB_CHECK(!bound_key_, "the peer of a connection proves once who it is");
  bound_key_ = std::move(key);
}

}  // namespace nb::flow

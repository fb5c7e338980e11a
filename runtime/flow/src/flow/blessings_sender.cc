#include "flow/blessings_sender.h"

#include <algorithm>
#include <utility>

#include <nb/base/check.h>

#include "v.io/x/ref/runtime/internal/flow/conn/conn.vdl.h"

namespace nb::flow {
namespace {

namespace wire = ::x::ref::runtime::internal::flow::conn;

// Looks for what `is_it` says, puts it first and returns it; null if there is none.
template <class T, class F>
const T* find_first(std::vector<T>& recent, const F& is_it) {
  const auto at = std::find_if(recent.begin(), recent.end(), is_it);
  if (at == recent.end()) return nullptr;
  if (at != recent.begin()) std::rotate(recent.begin(), at, at + 1);
  return &recent.front();
}

template <class T>
void put_first(std::vector<T>& recent, T one, std::size_t capacity) {
  if (recent.size() == capacity) recent.pop_back();
  recent.insert(recent.begin(), std::move(one));
}

void tell(vom::Encoder& encoder, const wire::BlessingsFlowMessage& message) {
  NB_CHECK(encoder.encode(message).ok(), "blessings and discharges can be encoded");
}

}  // namespace

BlessingsSender::Keys BlessingsSender::keys_for(const ShownBlessings& shown) {
  NB_CHECK(!shown.blessings.is_zero(), "an end that shows nothing shows its key");
  Keys keys;
  keys.blessings = key_of(shown.blessings);
  if (shown.has_discharges()) keys.discharges = key_of(shown.discharges, keys.blessings);
  return keys;
}

std::uint64_t BlessingsSender::key_of(const Blessings& blessings) {
  const BytesView id = blessings.unique_id();
  const auto* const known = find_first(blessings_, [&](const Named& named) {
    return named.blessings.rep() == blessings.rep() || std::ranges::equal(named.blessings.unique_id(), id);
  });
  if (known != nullptr) return known->key;
  const std::uint64_t key = next_key_++;
  tell(encoder_, wire::BlessingsFlowMessage::Blessings(wire::Blessings(blessings.wire(), key)));
  put_first(blessings_, Named{blessings, key}, kRemembered);
  return key;
}

std::uint64_t BlessingsSender::key_of(const std::shared_ptr<const Discharges>& discharges,
                                      std::uint64_t blessings_key) {
  const auto* const known = find_first(discharges_, [&](const NamedDischarges& named) {
    return named.blessings_key == blessings_key && (named.discharges == discharges || *named.discharges == *discharges);
  });
  if (known != nullptr) return known->key;
  const std::uint64_t key = next_key_++;
  tell(encoder_, wire::BlessingsFlowMessage::Discharges(wire::Discharges(*discharges, key, blessings_key)));
  put_first(discharges_, NamedDischarges{discharges, blessings_key, key}, kRemembered);
  return key;
}

}  // namespace nb::flow

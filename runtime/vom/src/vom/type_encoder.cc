#include <nb/vom/type_encoder.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nb/vom/primitive.h>

#include "vom/type_encoder_state.h"
#include "vom/wire_type.h"

namespace nb::vom {

std::uint64_t TypeEncoder::State::define(const Type& type) {
  if (const auto known = built_in_id(type)) return *known;
  if (prefix) {
    if (const auto found = prefix->ids.find(type); found != prefix->ids.end()) return found->second;
  }
  if (const auto found = ids.find(type); found != ids.end()) return found->second;
  const std::uint64_t id = next_id++;
  ids.emplace(type, id);

  // A type is incomplete as long as one that it leads to has not been written. Those that it leads to and that wait
  // above it are in one circle with it.
  const TypeNode* circle = type.circle();
  const bool incomplete = circle && std::ranges::find(open_circles, circle) != open_circles.end();
  if (circle && !incomplete) open_circles.push_back(circle);
  const WireType wire = describe(type);
  if (circle && !incomplete) open_circles.pop_back();

  Bytes body;
  append_wire_type(body, wire);
  if (!version_written) output.push_back(kVersion);
  version_written = true;
  if (incomplete) output.push_back(kTypeIncomplete);
  append_uvar(output, fold_sign(-static_cast<std::int64_t>(id)));
  append_uvar(output, body.size());
  output.insert(output.end(), body.begin(), body.end());
  return id;
}

void TypeEncoder::State::forget_new() {
  if (next_id == kept_id) return;
  std::erase_if(ids, [this](const auto& entry) { return entry.second >= kept_id; });
  if (kept_id == kFirstUserId) prefix = nullptr;
  next_id = kept_id;
}

WireType TypeEncoder::State::describe(const Type& type) {
  WireType wire;
  wire.name = type.name();
  switch (type.kind()) {
    case Kind::kEnum:
      wire.kind = WireKind::kEnum;
      wire.labels.assign(type.labels().begin(), type.labels().end());
      break;
    case Kind::kArray:
      wire.kind = WireKind::kArray;
      wire.elem = define(type.elem());
      wire.len = type.len();
      break;
    case Kind::kList:
      wire.kind = WireKind::kList;
      wire.elem = define(type.elem());
      break;
    case Kind::kSet:
      wire.kind = WireKind::kSet;
      wire.key = define(type.key());
      break;
    case Kind::kMap:
      wire.kind = WireKind::kMap;
      wire.key = define(type.key());
      wire.elem = define(type.elem());
      break;
    case Kind::kStruct:
    case Kind::kUnion:
      wire.kind = type.kind() == Kind::kStruct ? WireKind::kStruct : WireKind::kUnion;
      for (const auto& field : type.fields()) wire.fields.push_back({field.name, define(field.type)});
      break;
    case Kind::kOptional:
      wire.kind = WireKind::kOptional;
      wire.elem = define(type.elem());
      break;
    default: {
      wire.kind = WireKind::kNamed;
      for (TypeId id = 1; id < kBytesId; ++id) {
        const auto base = built_in_type(id);
        if (base && base->kind() == type.kind()) wire.elem = id;
      }
      break;
    }
  }
  return wire;
}

TypeEncoder::TypeEncoder() : state_(std::make_unique<State>()) {}
TypeEncoder::TypeEncoder(Interleaved) : TypeEncoder() { state_->version_written = true; }
TypeEncoder::~TypeEncoder() = default;

std::uint64_t TypeEncoder::id_of(const Type& type) {
  const std::lock_guard lock(state_->mutex);
  return state_->define(type);
}

Bytes TypeEncoder::take() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->output, {});
}

bool TypeEncoder::has_output() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->output.empty();
}

}  // namespace nb::vom

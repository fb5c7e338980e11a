#include <nb/vom/type_decoder.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <nb/vom/primitive.h>

#include "vom/parse.h"
#include "vom/type_decoder_state.h"

namespace nb::vom {

namespace {

TypeLimits store_limits(const Limits& limits) {
  TypeLimits store;
  store.max_types = limits.max_types;
  store.max_depth = limits.max_type_depth;
  store.max_inline_bytes = limits.max_inline_bytes;
  store.max_fields = limits.max_fields;
  store.max_name_bytes = limits.max_name_bytes;
  return store;
}

}  // namespace

TypeDecoder::State::State(const Limits& limits) : limits(limits) {}

std::optional<Type> TypeDecoder::State::find(TypeId id) const {
  if (id < kFirstUserId) return built_in_type(id);
  if (in_prefix(id)) return prefix->types[static_cast<std::size_t>(id - kFirstUserId)];
  const auto found = types.find(id);
  if (found == types.end()) return std::nullopt;
  return found->second;
}

Result<void> TypeDecoder::State::define(TypeId id, bool incomplete, BytesView body) {
  if (id < kFirstUserId) return malformed("type id " + std::to_string(id) + " is not for types that are sent");
  if (is_defined(id)) return malformed("type id " + std::to_string(id) + " is defined twice");
  if (types.size() >= limits.max_types) return malformed("too many types (limit max_types)");
  if (pending.size() >= limits.max_pending_types)
    return malformed("too many incomplete types (limit max_pending_types)");
  constexpr std::size_t kHeaderBytes = 4;  // or more; so that small messages count too
  type_bytes += kHeaderBytes + body.size();
  if (type_bytes > limits.max_type_stream_bytes) {
    return malformed("the types are too long in all (limit max_type_stream_bytes)");
  }
  auto wire = parse_wire_type(body, limits);
  if (!wire) return wire.error();
  pending.emplace(id, std::move(*wire));
  if (incomplete) return {};
  return build(id);
}

std::optional<Type> TypeDecoder::State::find_late(TypeId id) {
  if (pending.contains(id) && !build(id)) return std::nullopt;
  return find(id);
}

// Builds a type and all pending ones that it leads to.
Result<void> TypeDecoder::State::build(TypeId id) {
  std::vector<TypeId> group{id};
  if (!store) store.emplace(store_limits(limits));
  TypeBuilder builder(*store);
  std::unordered_map<TypeId, TypeBuilder::Ref> refs;
  refs.emplace(id, builder.named(pending.at(id).name));
  std::string missing;
  for (std::size_t i = 0; i < group.size(); ++i) {
    pending.at(group[i]).each_part([&](TypeId part) {
      if (refs.contains(part)) return;
      if (const auto known = find(part)) {
        refs.emplace(part, builder.ref(*known));
      } else if (const auto wire = pending.find(part); wire != pending.end()) {
        refs.emplace(part, builder.named(wire->second.name));
        group.push_back(part);
      } else {
        missing =
            "type " + std::to_string(group[i]) + " refers to type " + std::to_string(part) + ", which is not defined";
      }
    });
    if (!missing.empty()) return malformed(missing);
  }
  for (const TypeId member : group) {
    WireType& wire = pending.at(member);
    const auto ref = refs.at(member);
    const auto fields = [&] {
      std::vector<TypeBuilder::Field> made;
      made.reserve(wire.fields.size());
      for (auto& field : wire.fields) made.push_back({std::move(field.name), refs.at(field.type)});
      return made;
    };
    switch (wire.kind) {
      case WireKind::kNamed:
        builder.set_base(ref, refs.at(wire.elem));
        break;
      case WireKind::kEnum:
        builder.set_enum(ref, std::move(wire.labels));
        break;
      case WireKind::kArray:
        builder.set_array(ref, wire.len, refs.at(wire.elem));
        break;
      case WireKind::kList:
        builder.set_list(ref, refs.at(wire.elem));
        break;
      case WireKind::kSet:
        builder.set_set(ref, refs.at(wire.key));
        break;
      case WireKind::kMap:
        builder.set_map(ref, refs.at(wire.key), refs.at(wire.elem));
        break;
      case WireKind::kStruct:
        builder.set_struct(ref, fields());
        break;
      case WireKind::kUnion:
        builder.set_union(ref, fields());
        break;
      case WireKind::kOptional:
        builder.set_optional(ref, refs.at(wire.elem));
        break;
    }
  }
  auto built = builder.build();
  if (!built) return malformed(std::string(built.error().message()));
  for (std::size_t i = 0; i < group.size(); ++i) {
    types.emplace(group[i], std::move((*built)[i]));
    pending.erase(group[i]);
  }
  return {};
}

Result<void> TypeDecoder::State::parse() {
  if (version == 0) {
    if (at == buffer.size()) return {};
    if (auto checked = check_version(buffer[at], limits); !checked) return checked;
    version = buffer[at++];
  }
  while (at < buffer.size()) {
    Cursor cursor(BytesView(buffer).subspan(at));
    const TypeMessage message = parse_type_message(cursor, limits);
    if (cursor.failed()) return cursor.error();
    if (cursor.is_short()) break;
    if (auto defined = define(message.id, message.incomplete, message.body); !defined) return defined;
    at += cursor.position();
  }
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(at));
  at = 0;
  return {};
}

TypeDecoder::TypeDecoder(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
TypeDecoder::~TypeDecoder() = default;

Result<void> TypeDecoder::feed(BytesView bytes) {
  const std::lock_guard lock(state_->mutex);
  if (state_->error) return state_->error;
  state_->buffer.insert(state_->buffer.end(), bytes.begin(), bytes.end());
  auto parsed = state_->parse();
  if (!parsed) state_->error = parsed.error();
  return parsed;
}

Result<void> TypeDecoder::finish() {
  const std::lock_guard lock(state_->mutex);
  state_->finished = true;
  if (!state_->error && state_->at < state_->buffer.size()) state_->error = cut_short("the stream of types");
  if (state_->error) return state_->error;
  return {};
}

std::optional<Type> TypeDecoder::find(std::uint64_t id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->find(id);
}

bool TypeDecoder::is_finished() const {
  const std::lock_guard lock(state_->mutex);
  return state_->finished;
}

Error TypeDecoder::error() const {
  const std::lock_guard lock(state_->mutex);
  return state_->error;
}

}  // namespace nb::vom

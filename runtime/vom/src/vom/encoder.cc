// A message in the writer's block:
//
//   … earlier messages │ gap of kHeadroom │ body …
//                      ^ message_at_      ^ body_at_
//
// The header needs the body's length, so it is put right before the finished body, behind the types that came up while
// the body was written (interleaved streams). What is left of the gap is closed by moving the smaller side.
#include <nb/vom/encoder.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "vom/message.h"
#include "vom/type_encoder_state.h"
#include "vom/wire_type.h"

namespace nb::vom {

namespace {
constexpr std::size_t kHeadroom = 32;
}

Encoder::Encoder() : own_types_(new TypeEncoder(TypeEncoder::Interleaved())), types_(*own_types_), writer_(types_) {}
Encoder::Encoder(TypeEncoder& types) : types_(types), writer_(types_) { prefix_.reserve(kHeadroom); }
Encoder::~Encoder() = default;

void Encoder::rewind() {
  writer_.next_ = writer_.start_;
  begin_at_ = 0;
}

void Encoder::clear() {
  rewind();
  version_written_ = version_taken_;
  if (!own_types_) return;
  own_types_->state_->forget_new();
  last_id_ = 0;
}

Bytes Encoder::take() {
  const BytesView bytes = output();
  Bytes taken(bytes.begin(), bytes.end());
  rewind();
  version_taken_ = version_written_;
  if (own_types_) own_types_->state_->keep_new();
  return taken;
}

void Encoder::shrink() {
  if (writer_.written() != 0) return;
  std::free(std::exchange(writer_.start_, nullptr));
  writer_.next_ = writer_.limit_ = nullptr;
  // From {} vectors keep their memory.
  prefix_ = Bytes();
  writer_.references_ = std::vector<Writer::Reference>();
  writer_.any_lengths_ = std::vector<std::uint64_t>();
}

void Encoder::begin(const Type& type) {
  if (own_types_ && !version_written_) {
    if (const TypePrefix* prefix = prefix_of(type)) {
      own_types_->state_->begin_with(*prefix);
      writer_.raw(prefix->bytes.data(), prefix->bytes.size());
      version_written_ = true;
    }
  }
  if (last_id_ == 0 || last_type_.node() != type.node()) {
    last_id_ = types_.id_of(type);
    last_type_ = type;
  }
  type_id_ = last_id_;
  if (!version_written_) {
    writer_.put_byte(kVersion);
    version_written_ = true;
  }
  put_types();
  message_at_ = writer_.written();
  writer_.reserve(kHeadroom);
  writer_.next_ += kHeadroom;
  body_at_ = message_at_ + kHeadroom;
  writer_.references_.clear();
  writer_.any_lengths_.clear();
}

Result<void> Encoder::finish() {
  if (writer_.error_) {
    writer_.next_ = writer_.start_ + message_at_;
    put_types();
    return std::exchange(writer_.error_, Error());
  }
  prefix_.clear();
  if (own_types_) std::swap(prefix_, own_types_->state_->output);
  const Type& type = last_type_;
  const std::size_t body_size = writer_.written() - body_at_;
  append_uvar(prefix_, fold_sign(static_cast<std::int64_t>(type_id_)));
  if (type.contains_any() || type.contains_type_object()) {
    append_uvar(prefix_, writer_.references_.size());
    for (const auto& reference : writer_.references_) append_uvar(prefix_, reference.id);
  }
  if (type.contains_any()) {
    append_uvar(prefix_, writer_.any_lengths_.size());
    for (const auto length : writer_.any_lengths_) append_uvar(prefix_, length);
  }
  if (has_length(type)) append_uvar(prefix_, body_size);
  put_prefix();
  return {};
}

void Encoder::put_types() {
  if (!own_types_) return;
  auto& types = own_types_->state_->output;
  writer_.raw(types.data(), types.size());
  types.clear();
}

void Encoder::put_prefix() {
  if (prefix_.size() > kHeadroom) {
    const std::size_t more = prefix_.size() - kHeadroom;
    const std::size_t body_size = writer_.written() - body_at_;
    writer_.reserve(more);
    std::memmove(writer_.start_ + body_at_ + more, writer_.start_ + body_at_, body_size);
    writer_.next_ += more;
    body_at_ += more;
  }
  const std::size_t at = body_at_ - prefix_.size();
  std::memcpy(writer_.start_ + at, prefix_.data(), prefix_.size());
  const std::size_t gap = at - message_at_;
  if (gap == 0) return;
  const std::size_t before = message_at_ - begin_at_, behind = writer_.written() - at;
  if (before < behind) {
    std::memmove(writer_.start_ + begin_at_ + gap, writer_.start_ + begin_at_, before);
    begin_at_ += gap;
  } else {
    std::memmove(writer_.start_ + message_at_, writer_.start_ + at, behind);
    writer_.next_ -= gap;
  }
}

Result<void> Encoder::encode(const Value& value) {
  if (value.kind() == Kind::kAny && !value.is_nil()) return encode(value.elem());
  begin(value.type());
  writer_.value(value);
  return finish();
}

Result<void> Encoder::encode_any(const Any& value) {
  const auto* raw = dynamic_cast<const RawValue*>(value.undecoded().get());
  if (raw && raw->is_self_contained()) {
    const auto bytes = raw->checked_bytes();
    if (!bytes) return bytes.error();
    begin(raw->type());
    writer_.raw(bytes->data(), bytes->size());
    return finish();
  }
  auto held = value.vdl();
  if (!held) return held.error();
  return encode(*held);
}

}  // namespace nb::vom

// Message: what a Reader must know about the message whose body it reads. RawMessage: the same, kept for values that
// stay undecoded. RawValue: such a value.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/vdl/any.h>
#include <nb/vdl/type.h>
#include <nb/vom/limits.h>
#include <nb/vom/reader.h>

namespace nb::vom {

// Immutable; shared by all values that were cut out of one message.
struct RawMessage {
  Bytes body;
  std::vector<Type> types;
  std::vector<std::uint64_t> any_lengths;
  Limits limits;
};

class Message {
 public:
  std::span<const Type> types;                 // that the body refers to
  std::span<const std::uint64_t> any_lengths;  // of the anys in the body
  BytesView body;

  // The message in a form that may be kept; made when first asked for.
  const std::shared_ptr<const RawMessage>& keep(const Limits& limits) {
    if (!kept) {
      kept = std::make_shared<RawMessage>(RawMessage{Bytes(body.begin(), body.end()),
                                                     {types.begin(), types.end()},
                                                     {any_lengths.begin(), any_lengths.end()},
                                                     limits});
    }
    return kept;
  }

  std::shared_ptr<const RawMessage> kept;
};

class RawValue final : public UndecodedValue {
 public:
  // Bytes [at, at + size) of the message's body are a value of `type`.
  RawValue(std::shared_ptr<const RawMessage> message, Type type, std::size_t at, std::size_t size)
      : message_(std::move(message)), type_(std::move(type)), at_(at), size_(size) {}

  const Type& type() const override { return type_; }
  Result<Value> decode() const override;
  std::uint64_t max_bytes() const override { return message_->limits.max_decoded_bytes; }

  // Does the value stand for itself, without the lists of its message?
  bool is_self_contained() const { return !type_.contains_any() && !type_.contains_type_object(); }
  // The bytes, if they are a value of the type; else the error.
  Result<BytesView> checked_bytes() const;

 private:
  std::shared_ptr<const RawMessage> message_;
  Type type_;
  std::size_t at_;
  std::size_t size_;
};

}  // namespace nb::vom

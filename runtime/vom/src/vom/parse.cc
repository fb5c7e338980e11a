#include "vom/parse.h"

#include <cstdio>
#include <utility>

#include <nb/vom/primitive.h>

namespace nb::vom {

Error malformed(std::string what) {
  return Error("v.io/v23/verror.BadProtocol", RetryAction::kNoRetry, "malformed VOM: " + std::move(what));
}

Error cut_short(std::string_view what) {
  return Error("v.io/v23/verror.BadProtocol", RetryAction::kNoRetry,
               "VOM cut short: " + std::string(what) + " ends early");
}

Result<void> check_version(std::uint8_t byte, const Limits& limits) {
  if (byte == kVersion || (byte == 0x80 && limits.accept_version_80)) return {};
  char text[40];
  std::snprintf(text, sizeof text, "version byte %02x is not supported", byte);
  return malformed(text);
}

void Cursor::fail(std::string what) {
  if (!stopped()) error_ = malformed(std::move(what));
}

std::uint64_t Cursor::number() {
  if (stopped()) return 0;
  if (position_ == bytes_.size()) {
    is_short_ = true;
    return 0;
  }
  const std::uint8_t first = bytes_[position_];
  if (first >= 0x80 && first < 0xf8) {
    fail("a number was expected");
    return 0;
  }
  std::uint64_t value = 0;
  const auto* begin = bytes_.data() + position_;
  const auto* after = get_uvar(begin, bytes_.data() + bytes_.size(), value);
  if (!after) {
    is_short_ = true;
    return 0;
  }
  position_ += static_cast<std::size_t>(after - begin);
  return value;
}

std::int64_t Cursor::signed_number() { return unfold_sign(number()); }

bool Cursor::take_control(std::uint8_t control) {
  if (stopped()) return false;
  if (position_ == bytes_.size()) {
    is_short_ = true;
    return false;
  }
  if (bytes_[position_] != control) return false;
  ++position_;
  return true;
}

BytesView Cursor::bytes(std::uint64_t count) {
  if (stopped()) return {};
  if (count > bytes_.size() - position_) {
    is_short_ = true;
    return {};
  }
  const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
  position_ += static_cast<std::size_t>(count);
  return taken;
}

BytesView parse_type_body(Cursor& cursor, const Limits& limits) {
  const std::uint64_t size = cursor.number();
  if (size > limits.max_type_message_bytes) cursor.fail("a type message is too long (limit max_type_message_bytes)");
  return cursor.bytes(size);
}

TypeMessage parse_type_message(Cursor& cursor, const Limits& limits) {
  TypeMessage message;
  message.incomplete = cursor.take_control(kTypeIncomplete);
  const std::int64_t id = cursor.signed_number();
  if (!cursor.stopped() && id >= 0) cursor.fail("a type message was expected");
  message.id = ~static_cast<std::uint64_t>(id) + 1;
  message.body = parse_type_body(cursor, limits);
  return message;
}

}  // namespace nb::vom

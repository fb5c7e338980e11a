#include "vom/value_header.h"

namespace nb::vom {

void ValueHeader::begin(const Type& type, std::size_t position, bool may_have_lists) {
  types.clear();
  any_lengths.clear();
  begin_ = position_ = position;
  has_lengths_ = type.contains_any();
  stage_ = may_have_lists && (has_lengths_ || type.contains_type_object()) ? Stage::kTypeCount : Stage::kDone;
}

// Every entry of a list takes a byte at least, so a count tells how long the header becomes.
bool ValueHeader::take(std::uint64_t number, Cursor& cursor, const Limits& limits) {
  position_ = cursor.position();
  const bool is_count = stage_ == Stage::kTypeCount || stage_ == Stage::kLengthCount;
  if (stage_ == Stage::kTypeCount && number > limits.max_types) {
    cursor.fail("too many types in one message (limit max_types)");
    return false;
  }
  if (position_ - begin_ > limits.max_header_bytes || (is_count && number > limits.max_header_bytes)) {
    cursor.fail("the header of a message is too long (limit max_header_bytes)");
    return false;
  }
  switch (stage_) {
    case Stage::kTypeCount:
      left_ = number;
      stage_ = Stage::kType;
      if (left_ == 0) after_types();
      break;
    case Stage::kType:
      if (--left_ == 0) after_types();
      break;
    case Stage::kLengthCount:
      left_ = number;
      stage_ = left_ == 0 ? Stage::kDone : Stage::kLength;
      break;
    case Stage::kLength:
      any_lengths.push_back(number);
      if (--left_ == 0) stage_ = Stage::kDone;
      break;
    default:
      break;
  }
  return true;
}

}  // namespace nb::vom

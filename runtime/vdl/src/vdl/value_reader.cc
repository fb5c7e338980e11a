#include <nb/vdl/value_reader.h>

#include <algorithm>
#include <utility>

#include <nb/vdl/any.h>

#include "vdl/type_node.h"

namespace nb {

namespace {
constexpr std::size_t kMaxValueDepth = 4096;
}

ValueReader::ValueReader(const Value& value, std::uint64_t max_bytes) : current_(&value), memory_left_(max_bytes) {}

bool ValueReader::charge(std::uint64_t bytes) {
  if (bytes > memory_left_) return fail("the value takes too much memory");
  memory_left_ -= bytes;
  return true;
}

// Where the next value comes from: the one that was handed over, or the next part of the innermost open container.
const Value* ValueReader::peek() {
  if (error_) return nullptr;
  if (current_) return current_;
  if (frames_.empty()) {
    fail("nothing left to read");
    return nullptr;
  }
  Frame& top = frames_.back();
  const Value& value = *top.value;
  switch (value.kind()) {
    case Kind::kArray:
    case Kind::kList:
    case Kind::kSet:
      if (top.next < value.size()) return current_ = &value.item(top.next++);
      break;
    case Kind::kMap: {
      const std::size_t i = top.next / 2;
      if (i < value.size()) return current_ = top.next++ % 2 == 0 ? &value.item(i) : &value.map_item(i);
      break;
    }
    default:
      break;
  }
  fail("nothing left to read");
  return nullptr;
}

const Value* ValueReader::take(Kind kind) {
  const Value* value = peek();
  if (!value) return nullptr;
  if (value->kind() != kind) {
    fail("expected a value of kind " + std::string(to_string(kind)) + ", found " +
         std::string(to_string(value->kind())));
    return nullptr;
  }
  current_ = nullptr;
  return value;
}

bool ValueReader::boolean(bool& v) {
  const Value* value = take(Kind::kBool);
  if (!value) return false;
  v = value->as_bool();
  return true;
}

bool ValueReader::unsigned_number(std::uint64_t& v) {
  const Value* value = peek();
  if (!value) return false;
  if (value->kind() < Kind::kByte || value->kind() > Kind::kUint64) return fail("expected an unsigned number");
  current_ = nullptr;
  v = value->as_unsigned();
  return true;
}

bool ValueReader::byte(std::uint8_t& v) {
  const Value* value = take(Kind::kByte);
  if (!value) return false;
  v = static_cast<std::uint8_t>(value->as_unsigned());
  return true;
}

bool ValueReader::signed_number(std::int64_t& v) {
  const Value* value = peek();
  if (!value) return false;
  if (value->kind() < Kind::kInt8 || value->kind() > Kind::kInt64) return fail("expected a signed number");
  current_ = nullptr;
  v = value->as_signed();
  return true;
}

bool ValueReader::floating(double& v) {
  const Value* value = peek();
  if (!value) return false;
  if (value->kind() != Kind::kFloat32 && value->kind() != Kind::kFloat64) return fail("expected a floating number");
  current_ = nullptr;
  v = value->as_float();
  return true;
}

bool ValueReader::string(std::string& v) {
  const Value* value = take(Kind::kString);
  if (!value) return false;
  v = value->as_string();
  return true;
}

bool ValueReader::enumeration(std::uint32_t& index) {
  const Value* value = take(Kind::kEnum);
  if (!value) return false;
  index = static_cast<std::uint32_t>(value->as_enum());
  return true;
}

bool ValueReader::type_object(Type& v) {
  const Value* value = take(Kind::kTypeObject);
  if (!value) return false;
  v = value->as_type();
  return true;
}

bool ValueReader::any(Any& v) {
  const Value* value = take(Kind::kAny);
  if (!value) return false;
  v = Any(*value);
  return true;
}

bool ValueReader::bytes(Bytes& v) {
  const Value* value = take(Kind::kList);
  if (!value) return false;
  if (!value->type().is_bytes()) return fail("expected bytes");
  v = value->as_bytes();
  return true;
}

bool ValueReader::byte_array(std::span<std::uint8_t> v) {
  const Value* value = take(Kind::kArray);
  if (!value) return false;
  if (!value->type().is_bytes() || value->size() != v.size()) return fail("expected an array of as many bytes");
  std::ranges::copy(value->as_bytes(), v.begin());
  return true;
}

bool ValueReader::optional(bool& present) {
  const Value* value = take(Kind::kOptional);
  if (!value) return false;
  present = !value->is_nil();
  if (present) current_ = &value->elem();
  return true;
}

bool ValueReader::begin_array(std::size_t n) {
  const Value* value = take(Kind::kArray);
  if (!value) return false;
  if (value->size() != n || value->type().is_bytes()) return fail("expected an array of as many elements");
  frames_.push_back({value, 0});
  return frames_.size() < kMaxValueDepth || fail("nested too deeply");
}

bool ValueReader::begin_list(std::size_t& n) {
  const Value* value = take(Kind::kList);
  if (!value) return false;
  if (value->type().is_bytes()) return fail("expected a list that is not of bytes");
  n = value->size();
  frames_.push_back({value, 0});
  return frames_.size() < kMaxValueDepth || fail("nested too deeply");
}

bool ValueReader::begin_set(std::size_t& n) {
  const Value* value = take(Kind::kSet);
  if (!value) return false;
  n = value->size();
  frames_.push_back({value, 0});
  return true;
}

bool ValueReader::begin_map(std::size_t& n) {
  const Value* value = take(Kind::kMap);
  if (!value) return false;
  n = value->size();
  frames_.push_back({value, 0});
  return frames_.size() < kMaxValueDepth || fail("nested too deeply");
}

bool ValueReader::begin_struct() {
  const Value* value = take(Kind::kStruct);
  if (!value) return false;
  frames_.push_back({value, 0});
  return frames_.size() < kMaxValueDepth || fail("nested too deeply");
}

int ValueReader::next_field() {
  if (error_) return kFailed;
  Frame& top = frames_.back();
  const std::size_t count = top.value->type().fields().size();
  while (top.next < count && top.value->field(top.next).is_zero()) ++top.next;
  if (top.next == count) return kEnd;
  current_ = &top.value->field(top.next);
  return static_cast<int>(top.next++);
}

bool ValueReader::begin_union(std::uint32_t& index) {
  const Value* value = take(Kind::kUnion);
  if (!value) return false;
  index = static_cast<std::uint32_t>(value->union_index());
  frames_.push_back({value, 0});
  current_ = &value->union_value();
  return frames_.size() < kMaxValueDepth || fail("nested too deeply");
}

bool ValueReader::end() {
  frames_.pop_back();
  return true;
}

bool ValueReader::fail(std::string_view why) {
  if (!error_) error_ = Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry, std::string(why));
  return false;
}

const Error& ValueReader::error() {
  if (!error_) fail("index out of range");
  return error_;
}

}  // namespace nb

#include <nb/vdl/value_writer.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <nb/base/check.h>
#include <nb/vdl/any.h>

namespace nb {

// A value that is being filled. For a map, `key` waits for its element; for a struct or union, `index` is the field.
struct ValueWriter::Frame {
  Type type;
  Value value;
  std::optional<Value> key;
  std::size_t index = 0;
  bool is_root = false;
};

ValueWriter::ValueWriter(Type type) {
  Frame root;
  root.type = std::move(type);
  root.is_root = true;
  frames_.push_back(std::move(root));
}
ValueWriter::~ValueWriter() = default;

Type ValueWriter::expected() const {
  const Frame& top = frames_.back();
  if (top.is_root) return top.type;
  switch (top.type.kind()) {
    case Kind::kStruct:
    case Kind::kUnion:
      return top.type.fields()[top.index].type;
    case Kind::kSet:
      return top.type.key();
    case Kind::kMap:
      return top.key ? top.type.elem() : top.type.key();
    default:
      return top.type.elem();
  }
}

void ValueWriter::put(Value v) {
  Frame& top = frames_.back();
  if (top.is_root) {
    top.value = std::move(v);
    return;
  }
  switch (top.type.kind()) {
    case Kind::kArray:
      top.value.set_at(top.index++, std::move(v));
      return;
    case Kind::kList:
      top.value.append(std::move(v));
      return;
    case Kind::kSet:
      top.value.insert(std::move(v));
      return;
    case Kind::kMap:
      if (!top.key) {
        top.key = std::move(v);
      } else {
        top.value.insert(std::move(*top.key), std::move(v));
        top.key.reset();
      }
      return;
    case Kind::kStruct:
      top.value.set_field(top.index, std::move(v));
      return;
    case Kind::kUnion:
      top.value = Value::union_of(top.index, std::move(v), top.type);
      return;
    case Kind::kOptional: {
      // some() opened it, and its one value closes it.
      Value optional = Value::some(std::move(v), top.type);
      frames_.pop_back();
      put(std::move(optional));
      return;
    }
    default:
      NB_CHECK(false, "a codec writes what its type says");
  }
}

void ValueWriter::push(bool container) {
  Frame frame;
  frame.type = expected();
  if (container) frame.value = Value(frame.type);
  frames_.push_back(std::move(frame));
}

void ValueWriter::boolean(bool v) { put(Value::boolean(v, expected())); }
void ValueWriter::unsigned_number(std::uint64_t v) { put(Value::unsigned_number(v, expected())); }
void ValueWriter::byte(std::uint8_t v) { put(Value::unsigned_number(v, expected())); }
void ValueWriter::signed_number(std::int64_t v) { put(Value::signed_number(v, expected())); }
void ValueWriter::floating(double v) { put(Value::floating(v, expected())); }
void ValueWriter::string(std::string_view v) { put(Value::string(std::string(v), expected())); }
void ValueWriter::enumeration(std::uint32_t index) { put(Value::enumeration(index, expected())); }
void ValueWriter::type_object(const Type& v) { put(Value::type_object(v)); }
void ValueWriter::bytes(BytesView v) { put(Value::bytes(Bytes(v.begin(), v.end()), expected())); }
void ValueWriter::byte_array(BytesView v) { bytes(v); }

void ValueWriter::any(const Any& v) {
  auto held = v.vdl();
  if (held) {
    put(Value::any(std::move(*held)));
  } else {
    if (!error_) error_ = held.error();
    put(Value());
  }
}

void ValueWriter::nil() { put(Value(expected())); }
void ValueWriter::some() { push(false); }
void ValueWriter::begin_array(std::size_t) { push(true); }
void ValueWriter::begin_list(std::size_t) { push(true); }
void ValueWriter::begin_set(std::size_t) { push(true); }
void ValueWriter::begin_map(std::size_t) { push(true); }
void ValueWriter::begin_struct() { push(true); }
void ValueWriter::begin_union(std::uint32_t index) {
  push(false);
  frames_.back().index = index;
}
void ValueWriter::field(std::uint32_t index) { frames_.back().index = index; }
void ValueWriter::end() {
  Value done = std::move(frames_.back().value);
  frames_.pop_back();
  put(std::move(done));
}
void ValueWriter::end_struct() { end(); }
void ValueWriter::end_union() { end(); }
void ValueWriter::value(const Value& v) { put(v); }

Result<Value> ValueWriter::finish() {
  NB_CHECK(frames_.size() == 1, "a codec closes what it opens");
  if (error_) return error_;
  return std::move(frames_[0].value);
}

}  // namespace nb

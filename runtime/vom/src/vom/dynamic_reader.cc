#include "vom/dynamic_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "vom/message.h"

namespace nb::vom {

namespace {
constexpr std::uint64_t kCell = 16;  // memory of a scalar value

int bits_of(Kind kind) {
  switch (kind) {
    case Kind::kByte:
    case Kind::kInt8:
      return 8;
    case Kind::kUint16:
    case Kind::kInt16:
      return 16;
    case Kind::kUint32:
    case Kind::kInt32:
      return 32;
    default:
      return 64;
  }
}
}  // namespace

const Value* DynamicReader::zero(const Type& type) {
  const auto found = zeros_.find(type.node());
  if (found != zeros_.end()) return &found->second;
  if (!charge(type.inline_bytes())) return nullptr;
  return &zeros_.emplace(type.node(), Value(type)).first->second;
}

bool DynamicReader::unsigned_number(Kind kind, std::uint64_t& v) {
  if (kind == Kind::kByte && types_80_) {
    bool present = false;  // one raw byte, which may be e0 by chance
    if (!reader_.optional(present)) return false;
    v = present ? *reader_.next_++ : kNil;
    return true;
  }
  if (!reader_.unsigned_number(v)) return false;
  const int bits = bits_of(kind);
  return bits == 64 || v >> bits == 0 || reader_.fail("number out of range");
}

bool DynamicReader::signed_number(Kind kind, std::int64_t& v) {
  if (!reader_.signed_number(v)) return false;
  const std::int64_t limit = std::int64_t{1} << (bits_of(kind) == 64 ? 62 : bits_of(kind) - 1);
  return bits_of(kind) == 64 || (v >= -limit && v < limit) || reader_.fail("number out of range");
}

bool DynamicReader::floating(Kind kind, double& v) {
  if (!reader_.floating(v)) return false;
  return kind == Kind::kFloat64 || !std::isfinite(v) ||
         std::fabs(v) <= static_cast<double>(std::numeric_limits<float>::max()) ||
         reader_.fail("number out of range of float32");
}

bool DynamicReader::type_object(Type& v) {
  if (!types_80_) return reader_.type_object(v);
  std::uint64_t id = 0;
  if (!reader_.number(id)) return false;
  auto found = types_80_(id);
  if (!found) return reader_.fail("type " + std::to_string(id) + " is not defined");
  v = std::move(*found);
  return true;
}

bool DynamicReader::enter_any(Type& type, const std::uint8_t*& outer_end) {
  outer_end = reader_.end_;
  if (types_80_) {
    if (!type_object(type)) return false;
    return type.kind() != Kind::kAny || reader_.fail("an any holds an any");
  }
  const std::uint8_t* end = nullptr;
  if (!reader_.any_header(type, end)) return false;
  reader_.end_ = end;
  return true;
}

bool DynamicReader::leave_any(const std::uint8_t* outer_end) {
  if (!types_80_ && reader_.next_ != reader_.end_) return reader_.fail("an any is shorter than its recorded length");
  reader_.end_ = outer_end;
  return true;
}

bool DynamicReader::read(const Type& type, Value& value) {
  switch (type.kind()) {
    case Kind::kAny: {
      bool present = false;
      if (!reader_.optional(present)) return false;
      if (!present) {
        value = Value();
        return true;
      }
      Type held;
      const std::uint8_t* outer_end = nullptr;
      Value inner;
      if (!charge(4 * kCell) || !reader_.enter() || !enter_any(held, outer_end) || !read(held, inner) ||
          !leave_any(outer_end)) {
        return false;
      }
      value = Value::any(std::move(inner));
      return reader_.end();
    }
    case Kind::kBool: {
      bool v = false;
      if (!reader_.boolean(v)) return false;
      value = Value::boolean(v, type);
      return true;
    }
    case Kind::kByte:
    case Kind::kUint16:
    case Kind::kUint32:
    case Kind::kUint64: {
      std::uint64_t v = 0;
      if (!unsigned_number(type.kind(), v)) return false;
      value = Value::unsigned_number(v, type);
      return true;
    }
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64: {
      std::int64_t v = 0;
      if (!signed_number(type.kind(), v)) return false;
      value = Value::signed_number(v, type);
      return true;
    }
    case Kind::kFloat32:
    case Kind::kFloat64: {
      double v = 0;
      if (!floating(type.kind(), v)) return false;
      value = Value::floating(v, type);
      return true;
    }
    case Kind::kString: {
      std::string v;
      if (!reader_.string(v) || !charge(3 * kCell)) return false;
      value = Value::string(std::move(v), type);
      return true;
    }
    case Kind::kEnum: {
      std::uint32_t index = 0;
      if (!reader_.enumeration(index)) return false;
      if (index >= type.labels().size()) return reader_.fail("enum index out of range");
      value = Value::enumeration(index, type);
      return true;
    }
    case Kind::kTypeObject: {
      Type v;
      if (!type_object(v) || !charge(2 * kCell)) return false;
      value = Value::type_object(std::move(v));
      return true;
    }
    case Kind::kArray:
      if (type.is_bytes()) {
        if (type.len() > reader_.left()) return reader_.fail("cut short");
        if (!charge(3 * kCell + type.len())) return false;
        Bytes v(static_cast<std::size_t>(type.len()));
        if (!reader_.byte_array(v)) return false;
        value = Value::bytes(std::move(v), type);
        return true;
      }
      return list(type, value);
    case Kind::kList:
      if (type.is_bytes()) {
        Bytes v;
        if (!reader_.bytes(v) || !charge(3 * kCell)) return false;
        value = Value::bytes(std::move(v), type);
        return true;
      }
      return list(type, value);
    case Kind::kSet:
    case Kind::kMap:
      return map(type, value);
    case Kind::kStruct:
      return structure(type, value);
    case Kind::kUnion:
      return one_of(type, value);
    case Kind::kOptional: {
      bool present = false;
      if (!reader_.optional(present)) return false;
      if (!present) {
        value = Value(type);
        return true;
      }
      Value inner;
      if (!charge(4 * kCell) || !read(type.elem(), inner)) return false;
      value = Value::some(std::move(inner), type);
      return true;
    }
  }
  return reader_.fail("unknown kind");
}

bool DynamicReader::list(const Type& type, Value& value) {
  std::size_t count = static_cast<std::size_t>(type.len());
  if (type.kind() == Kind::kArray ? !reader_.begin_array(count) : !reader_.begin_list(count)) return false;
  if (!charge(4 * kCell + count * kCell)) return false;
  const Type elem = type.elem();
  const Value* none = type.kind() == Kind::kArray ? zero(type) : nullptr;
  if (type.kind() == Kind::kArray && !none) return false;
  Value made = none ? *none : Value(type);
  for (std::size_t i = 0; i < count; ++i) {
    Value part;
    if (!read(elem, part)) return false;
    if (type.kind() == Kind::kArray) {
      made.set_at(i, std::move(part));
    } else {
      made.append(std::move(part));
    }
  }
  value = std::move(made);
  return reader_.end();
}

bool DynamicReader::map(const Type& type, Value& value) {
  const bool is_set = type.kind() == Kind::kSet;
  std::size_t count = 0;
  if (is_set ? !reader_.begin_set(count) : !reader_.begin_map(count)) return false;
  if (!charge(8 * kCell + count * 6 * kCell)) return false;
  const Type key_type = type.key();
  const Type elem_type = is_set ? Type() : type.elem();
  Value made(type);
  for (std::size_t i = 0; i < count; ++i) {
    Value key, elem;
    if (!read(key_type, key)) return false;
    if (is_set) {
      made.insert(std::move(key));
    } else {
      if (!read(elem_type, elem)) return false;
      made.insert(std::move(key), std::move(elem));
    }
  }
  value = std::move(made);
  return reader_.end();
}

bool DynamicReader::structure(const Type& type, Value& value) {
  if (!reader_.begin_struct()) return false;
  const auto fields = type.fields();
  const Value* none = zero(type);
  if (!none) return false;
  Value made = *none;
  bool charged = false;
  while (true) {
    const int index = reader_.next_field();
    if (index == Reader::kFailed) return false;
    if (index == Reader::kEnd) break;
    const auto place = static_cast<std::size_t>(index);
    if (place >= fields.size()) return reader_.fail("struct field index out of range");
    // From here on it has fields of its own.
    if (!charged && !charge(4 * kCell + fields.size() * kCell)) return false;
    charged = true;
    Value part;
    if (!read(fields[place].type, part)) return false;
    made.set_field(place, std::move(part));
  }
  value = std::move(made);
  return reader_.end();
}

bool DynamicReader::one_of(const Type& type, Value& value) {
  std::uint32_t index = 0;
  if (!reader_.begin_union(index)) return false;
  if (index >= type.fields().size()) return reader_.fail("union field index out of range");
  Value part;
  if (!charge(4 * kCell) || !read(type.fields()[index].type, part)) return false;
  value = Value::union_of(index, std::move(part), type);
  return reader_.end();
}

bool DynamicReader::skip(const Type& type) {
  switch (type.kind()) {
    case Kind::kArray:
    case Kind::kList: {
      if (type.is_bytes()) {
        std::uint64_t size = type.len();
        std::size_t counted = 0;
        if (type.kind() == Kind::kArray) {
          if (!reader_.begin_array(0) || !reader_.end()) return false;
          if (size > reader_.left()) return reader_.fail("cut short");
          counted = static_cast<std::size_t>(size);
        } else if (!reader_.length(counted)) {
          return false;
        }
        reader_.next_ += counted;
        return true;
      }
      std::size_t count = static_cast<std::size_t>(type.len());
      if (type.kind() == Kind::kArray ? !reader_.begin_array(count) : !reader_.begin_list(count)) return false;
      const Type elem = type.elem();
      for (std::size_t i = 0; i < count; ++i) {
        if (!skip(elem)) return false;
      }
      return reader_.end();
    }
    case Kind::kSet:
    case Kind::kMap: {
      std::size_t count = 0;
      if (type.kind() == Kind::kSet ? !reader_.begin_set(count) : !reader_.begin_map(count)) return false;
      for (std::size_t i = 0; i < count; ++i) {
        if (!skip(type.key()) || (type.kind() == Kind::kMap && !skip(type.elem()))) return false;
      }
      return reader_.end();
    }
    case Kind::kStruct: {
      if (!reader_.begin_struct()) return false;
      while (true) {
        const int index = reader_.next_field();
        if (index == Reader::kFailed) return false;
        if (index == Reader::kEnd) return reader_.end();
        const auto place = static_cast<std::size_t>(index);
        if (place >= type.fields().size()) return reader_.fail("struct field index out of range");
        if (!skip(type.fields()[place].type)) return false;
      }
    }
    case Kind::kUnion: {
      std::uint32_t index = 0;
      if (!reader_.begin_union(index)) return false;
      if (index >= type.fields().size()) return reader_.fail("union field index out of range");
      return skip(type.fields()[index].type) && reader_.end();
    }
    case Kind::kOptional: {
      bool present = false;
      return reader_.optional(present) && (!present || skip(type.elem()));
    }
    case Kind::kAny: {
      bool present = false;
      if (!reader_.optional(present)) return false;
      if (!present) return true;
      Type held;
      const std::uint8_t* outer_end = nullptr;
      return reader_.enter() && enter_any(held, outer_end) && skip(held) && leave_any(outer_end) && reader_.end();
    }
    case Kind::kString: {
      std::size_t size = 0;
      if (!reader_.length(size)) return false;
      reader_.next_ += size;
      return true;
    }
    default: {
      Value scalar;
      return read(type, scalar);
    }
  }
}

Result<Value> RawValue::decode() const {
  Message message;
  message.types = message_->types;
  message.any_lengths = message_->any_lengths;
  message.body = message_->body;
  message.kept = message_;
  const std::uint8_t* begin = message_->body.data() + at_;
  Reader reader(message, begin, begin + size_, message_->limits, nullptr);
  Value value;
  DynamicReader dynamic(reader);
  if (!dynamic.read(type_, value)) return reader.error();
  if (reader.left() != 0) {
    reader.fail("bytes left over behind the value");
    return reader.error();
  }
  return value;
}

Result<BytesView> RawValue::checked_bytes() const {
  Message message;
  message.types = message_->types;
  message.any_lengths = message_->any_lengths;
  message.body = message_->body;
  const std::uint8_t* begin = message_->body.data() + at_;
  Reader reader(message, begin, begin + size_, message_->limits, nullptr);
  DynamicReader dynamic(reader);
  if (!dynamic.skip(type_)) return reader.error();
  if (reader.left() != 0) {
    reader.fail("bytes left over behind the value");
    return reader.error();
  }
  return BytesView(begin, size_);
}

}  // namespace nb::vom

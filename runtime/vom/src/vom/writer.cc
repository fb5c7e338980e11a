#include <nb/vom/writer.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include <nb/vdl/any.h>
#include <nb/vdl/value.h>

#include "vom/message.h"

namespace nb::vom {

namespace {
constexpr std::uint32_t kMaxDepth = 1000;
}

Writer::Writer(TypeEncoder& types) : types_(types) {}
Writer::~Writer() { std::free(start_); }

void Writer::grow(std::size_t bytes) {
  const std::size_t used = written();
  const std::size_t size = std::max<std::size_t>({256, used + bytes, 2 * static_cast<std::size_t>(limit_ - start_)});
  auto* block = static_cast<std::uint8_t*>(std::realloc(start_, size));
  if (!block) throw std::bad_alloc();
  start_ = block;
  next_ = block + used;
  limit_ = block + size;
}

void Writer::fail(const Error& error) {
  if (!error_) error_ = error;
}

std::uint64_t Writer::reference(const Type& type) {
  if (last_reference_ < references_.size() && references_[last_reference_].type.node() == type.node()) {
    return last_reference_;
  }
  const std::uint64_t id = types_.id_of(type);
  const auto found = std::ranges::find(references_, id, &Reference::id);
  last_reference_ = static_cast<std::size_t>(found - references_.begin());
  if (found == references_.end()) references_.push_back(Reference{type, id});
  return last_reference_;
}

void Writer::type_object(const Type& v) { number(reference(v)); }

template <class Body>
void Writer::any_body(const Type& type, const Body& body) {
  number(reference(type));
  const std::size_t index = any_lengths_.size();
  any_lengths_.push_back(0);
  number(index);
  const std::size_t begin = written();
  body();
  any_lengths_[index] = written() - begin;
}

void Writer::any(const Any& v) {
  if (v.is_nil()) return nil();
  if (!v.undecoded()) return any_value(v.decoded(), 0);
  const auto* raw_value = dynamic_cast<const RawValue*>(v.undecoded().get());
  if (raw_value && raw_value->is_self_contained()) {
    const auto bytes = raw_value->checked_bytes();
    if (!bytes) return fail(bytes.error());
    return any_body(v.type(), [&] { raw(bytes->data(), bytes->size()); });
  }
  // Its indices are those of another message.
  const auto value = v.undecoded()->decode();
  if (!value) return fail(value.error());
  any_value(*value, 0);
}

void Writer::any_value(const Value& v, std::uint32_t depth) {
  any_body(v.type(), [&] { write(v, depth); });
}

void Writer::value(const Value& v) { write(v, 0); }

void Writer::write(const Value& v, std::uint32_t depth) {
  if (depth > kMaxDepth) {
    return fail(Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry, "the value nests too deeply"));
  }
  switch (v.kind()) {
    case Kind::kAny:
      if (v.is_nil()) return nil();
      return any_value(v.elem(), depth + 1);
    case Kind::kBool:
      return boolean(v.as_bool());
    case Kind::kByte:
    case Kind::kUint16:
    case Kind::kUint32:
    case Kind::kUint64:
      return unsigned_number(v.as_unsigned());
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
      return signed_number(v.as_signed());
    case Kind::kFloat32:
    case Kind::kFloat64:
      return floating(v.as_float());
    case Kind::kString:
      return string(v.as_string());
    case Kind::kEnum:
      return enumeration(static_cast<std::uint32_t>(v.as_enum()));
    case Kind::kTypeObject:
      return type_object(v.as_type());
    case Kind::kArray:
      if (v.type().is_bytes()) return byte_array(v.as_bytes());
      begin_array(v.size());
      break;
    case Kind::kList:
      if (v.type().is_bytes()) return bytes(v.as_bytes());
      begin_list(v.size());
      break;
    case Kind::kSet:
      begin_set(v.size());
      break;
    case Kind::kMap:
      begin_map(v.size());
      for (std::size_t i = 0; i < v.size(); ++i) {
        write(v.item(i), depth + 1);
        write(v.map_item(i), depth + 1);
      }
      return end();
    case Kind::kStruct: {
      begin_struct();
      const std::size_t count = v.type().fields().size();
      for (std::size_t i = 0; i < count; ++i) {
        const Value& part = v.field(i);
        if (part.is_zero()) continue;
        field(static_cast<std::uint32_t>(i));
        write(part, depth + 1);
      }
      return end_struct();
    }
    case Kind::kUnion:
      begin_union(static_cast<std::uint32_t>(v.union_index()));
      write(v.union_value(), depth + 1);
      return end_union();
    case Kind::kOptional:
      if (v.is_nil()) return nil();
      some();
      return write(v.elem(), depth + 1);
  }
  for (std::size_t i = 0; i < v.size(); ++i) write(v.item(i), depth + 1);
  end();
}

}  // namespace nb::vom

#include "vom/wire_type.h"

#include <array>
#include <utility>

#include <nb/vom/primitive.h>
#include <nb/vom/reader.h>

#include "vom/message.h"

namespace nb::vom {

namespace {

constexpr Kind kNoKind = Kind::kOptional;
constexpr std::array<Kind, 17> kBuiltInKinds = {
    kNoKind,       Kind::kBool,  Kind::kByte,       Kind::kString, Kind::kUint16,  Kind::kUint32,
    Kind::kUint64, Kind::kInt16, Kind::kInt32,      Kind::kInt64,  Kind::kFloat32, Kind::kFloat64,
    kNoKind,       kNoKind,      Kind::kTypeObject, Kind::kAny,    Kind::kInt8};

Type scalar(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return Type::boolean();
    case Kind::kByte:
      return Type::byte();
    case Kind::kString:
      return Type::string();
    case Kind::kUint16:
      return Type::uint16();
    case Kind::kUint32:
      return Type::uint32();
    case Kind::kUint64:
      return Type::uint64();
    case Kind::kInt8:
      return Type::int8();
    case Kind::kInt16:
      return Type::int16();
    case Kind::kInt32:
      return Type::int32();
    case Kind::kInt64:
      return Type::int64();
    case Kind::kFloat32:
      return Type::float32();
    case Kind::kFloat64:
      return Type::float64();
    case Kind::kTypeObject:
      return Type::type_object();
    default:
      return Type::any();
  }
}

}  // namespace

std::optional<TypeId> built_in_id(const Type& type) {
  if (!type.name().empty()) return std::nullopt;
  if (type.kind() == Kind::kList) {
    const Type elem = type.elem();
    if (elem == Type::byte()) return kBytesId;
    if (elem == Type::string()) return kStringsId;
    return std::nullopt;
  }
  if (type.kind() >= Kind::kEnum && type.kind() != Kind::kTypeObject) return std::nullopt;
  for (std::size_t id = 1; id < kBuiltInKinds.size(); ++id) {
    if (kBuiltInKinds[id] == type.kind()) return id;
  }
  return std::nullopt;
}

std::optional<Type> built_in_type(TypeId id) {
  if (id == kBytesId) return Type::list(Type::byte());
  if (id == kStringsId) return Type::list(Type::string());
  if (id >= kBuiltInKinds.size() || kBuiltInKinds[static_cast<std::size_t>(id)] == kNoKind) return std::nullopt;
  return scalar(kBuiltInKinds[static_cast<std::size_t>(id)]);
}

bool has_length(const Type& type) {
  switch (type.kind()) {
    case Kind::kArray:
    case Kind::kList:
      return !type.is_bytes();
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kStruct:
    case Kind::kUnion:
    case Kind::kOptional:
    case Kind::kAny:
      return true;
    default:
      return false;
  }
}

void append_uvar(Bytes& out, std::uint64_t value) {
  std::uint8_t buffer[kMaxUvarBytes];
  out.insert(out.end(), buffer, put_uvar(buffer, value));
}

namespace {

void append_text(Bytes& out, std::string_view text) {
  append_uvar(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

// A number that is a struct field: left out when it is zero.
void append_field(Bytes& out, std::uint64_t index, std::uint64_t value) {
  if (value == 0) return;
  append_uvar(out, index);
  append_uvar(out, value);
}

}  // namespace

void append_wire_type(Bytes& out, const WireType& type) {
  append_uvar(out, static_cast<std::uint64_t>(type.kind));
  if (!type.name.empty()) {
    append_uvar(out, 0);
    append_text(out, type.name);
  }
  switch (type.kind) {
    case WireKind::kNamed:
    case WireKind::kList:
    case WireKind::kOptional:
      append_field(out, 1, type.elem);
      break;
    case WireKind::kEnum:
      append_uvar(out, 1);
      append_uvar(out, type.labels.size());
      for (const auto& label : type.labels) append_text(out, label);
      break;
    case WireKind::kArray:
      append_field(out, 1, type.elem);
      append_field(out, 2, type.len);
      break;
    case WireKind::kSet:
      append_field(out, 1, type.key);
      break;
    case WireKind::kMap:
      append_field(out, 1, type.key);
      append_field(out, 2, type.elem);
      break;
    case WireKind::kStruct:
    case WireKind::kUnion:
      if (type.fields.empty()) break;
      append_uvar(out, 1);
      append_uvar(out, type.fields.size());
      for (const auto& field : type.fields) {
        append_uvar(out, 0);
        append_text(out, field.name);
        append_field(out, 1, field.type);
        out.push_back(kEndOfStruct);
      }
      break;
  }
  out.push_back(kEndOfStruct);
}

class WireTypeReader {
 public:
  WireTypeReader(BytesView body, const Limits& limits)
      : limits_(limits), reader_(message_, body.data(), body.data() + body.size(), limits, nullptr) {}

  Result<WireType> run() {
    std::uint32_t kind = 0;
    WireType type;
    if (!reader_.begin_union(kind) ||
        !check(kind <= static_cast<std::uint32_t>(WireKind::kOptional), "unknown sort of type")) {
      return reader_.error();
    }
    type.kind = static_cast<WireKind>(kind);
    if (!fields(type) || !reader_.end() || !check(reader_.left() == 0, "bytes left over behind the type")) {
      return reader_.error();
    }
    return type;
  }

 private:
  bool check(bool fine, std::string_view why) { return fine || reader_.fail(why); }

  bool fields(WireType& type) {
    if (!reader_.begin_struct()) return false;
    while (true) {
      const int index = reader_.next_field();
      if (index == Reader::kFailed) return false;
      if (index == Reader::kEnd) return reader_.end();
      if (index == 0) {
        if (!name(type.name)) return false;
      } else if (!part(type, index)) {
        return false;
      }
    }
  }

  bool name(std::string& text) {
    return reader_.string(text) && check(text.size() <= limits_.max_name_bytes, "a name is too long");
  }
  // Of a label or field. A part costs memory, so it is not kept without a name: that would be malformed anyway.
  bool part_name(std::string& text) { return name(text) && check(!text.empty(), "a label or field without a name"); }

  // Any field but the name.
  bool part(WireType& type, int index) {
    switch (type.kind) {
      case WireKind::kNamed:
      case WireKind::kList:
      case WireKind::kOptional:
        if (index == 1) return reader_.unsigned_number(type.elem);
        break;
      case WireKind::kEnum:
        if (index == 1) return labels(type.labels);
        break;
      case WireKind::kArray:
        if (index == 1) return reader_.unsigned_number(type.elem);
        if (index == 2) return reader_.unsigned_number(type.len);
        break;
      case WireKind::kSet:
        if (index == 1) return reader_.unsigned_number(type.key);
        break;
      case WireKind::kMap:
        if (index == 1) return reader_.unsigned_number(type.key);
        if (index == 2) return reader_.unsigned_number(type.elem);
        break;
      case WireKind::kStruct:
      case WireKind::kUnion:
        if (index == 1) return members(type.fields);
        break;
    }
    return reader_.fail("field index out of range in a type");
  }

  bool labels(std::vector<std::string>& labels) {
    std::size_t count = 0;
    labels.clear();
    if (!reader_.begin_list(count) || !check(count <= limits_.max_fields, "too many labels")) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!part_name(labels.emplace_back())) return false;
    }
    return reader_.end();
  }

  bool members(std::vector<WireType::Field>& fields) {
    std::size_t count = 0;
    fields.clear();
    if (!reader_.begin_list(count) || !check(count <= limits_.max_fields, "too many fields")) return false;
    for (std::size_t i = 0; i < count; ++i) {
      auto& field = fields.emplace_back();
      if (!reader_.begin_struct()) return false;
      for (int index = reader_.next_field(); index != Reader::kEnd; index = reader_.next_field()) {
        if (index == 0 ? !part_name(field.name) : index != 1 || !reader_.unsigned_number(field.type)) {
          return reader_.fail("field index out of range in a type");
        }
      }
      if (!reader_.end() || !check(!field.name.empty(), "a field without a name")) return false;
    }
    return reader_.end();
  }

  const Limits& limits_;
  Message message_;
  Reader reader_;
};

Result<WireType> parse_wire_type(BytesView body, const Limits& limits) {
  WireTypeReader reader(body, limits);
  return reader.run();
}

}  // namespace nb::vom

// Values as such: how they are made, copied and dropped. Their parts: value_parts.cc.
#include <nb/vdl/value.h>

#include <algorithm>
#include <bit>
#include <utility>

#include <nb/base/check.h>
#include <nb/vdl/containers.h>

#include "vdl/type_node.h"
#include "vdl/value_rep.h"

namespace nb {

namespace {

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

bool scalar_kind(Kind kind) { return (kind >= Kind::kBool && kind <= Kind::kFloat64) || kind == Kind::kEnum; }

}  // namespace

thread_local const Value* Value::Entries::wanted_ = nullptr;

bool Value::Entries::Order::operator()(std::size_t a, std::size_t b) const {
  const auto key = [&](std::size_t i) -> const Value& { return i == SIZE_MAX ? *wanted_ : entries->keys[i]; };
  return total_order(key(a), key(b)) < 0;
}

Value::Entries::Entries(const Entries& other) : Rep(other), keys(other.keys), elems(other.elems) {
  for (std::size_t i = 0; i < keys.size(); ++i) index_.insert(i);
}

std::size_t Value::Entries::find(const Value& key) const {
  wanted_ = &key;
  const auto found = index_.find(SIZE_MAX);
  wanted_ = nullptr;
  return found == index_.end() ? SIZE_MAX : *found;
}

void Value::Entries::add_to_index(std::size_t at) { index_.insert(at); }

Value::Value() : rep_(nullptr) {}

Value::Value(Type type) : type_(std::move(type)), bits_(0) {
  rep_ = nullptr;
  if (is_scalar()) bits_ = 0;
  const TypeNode& node = *type_.node();
  if (node.kind == Kind::kArray) {
    if (type_.is_bytes()) {
      rep_ = new Raw(Bytes(static_cast<std::size_t>(node.len)));
    } else {
      auto* zero = new Items;
      zero->items.emplace_back(Type(node.elem));
      zero->all_alike = true;
      rep_ = zero;
    }
  } else if (node.kind == Kind::kStruct) {
    auto* zero = new Items;
    zero->items.reserve(node.fields.size());
    for (const auto& field : node.fields) zero->items.emplace_back(field.type);
    rep_ = zero;
  } else if (node.kind == Kind::kUnion) {
    auto* zero = new Items;
    zero->items.emplace_back(node.fields[0].type);
    rep_ = zero;
  }
}

bool Value::is_scalar() const { return scalar_kind(type_.kind()); }

Value::~Value() { clear(); }

void Value::clear() {
  if (is_scalar()) return;
  if (rep_) release(std::exchange(rep_, nullptr));
}

// Values may nest deeply, so what is owned by nobody else is taken apart by a loop.
void Value::release(Rep* rep) {
  std::vector<Rep*> dead;
  const auto drop = [&](Rep* owned) {
    if (owned->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) dead.push_back(owned);
  };
  drop(rep);
  const auto drop_all = [&](std::vector<Value>& values) {
    for (auto& value : values) {
      if (!value.is_scalar() && value.rep_) drop(std::exchange(value.rep_, nullptr));
    }
  };
  while (!dead.empty()) {
    Rep* last = dead.back();
    dead.pop_back();
    switch (last->shape) {
      case Rep::Shape::kText:
        delete static_cast<Text*>(last);
        break;
      case Rep::Shape::kRaw:
        delete static_cast<Raw*>(last);
        break;
      case Rep::Shape::kType:
        delete static_cast<TypeHolder*>(last);
        break;
      case Rep::Shape::kItems:
        drop_all(static_cast<Items*>(last)->items);
        delete static_cast<Items*>(last);
        break;
      case Rep::Shape::kEntries:
        drop_all(static_cast<Entries*>(last)->elems);
        delete static_cast<Entries*>(last);
        break;
    }
  }
}

Value::Value(const Value& other) : type_(other.type_), bits_(other.bits_) {
  if (!is_scalar() && rep_) rep_->owners.fetch_add(1, std::memory_order_relaxed);
}
Value::Value(Value&& other) noexcept : bits_(0) {
  rep_ = nullptr;
  std::swap(type_, other.type_);
  std::swap(bits_, other.bits_);
}
Value& Value::operator=(const Value& other) {
  Value copy(other);
  return *this = std::move(copy);
}
Value& Value::operator=(Value&& other) noexcept {
  std::swap(type_, other.type_);
  std::swap(bits_, other.bits_);
  return *this;
}

Value Value::boolean(bool v, Type type) {
  NB_CHECK(type.kind() == Kind::kBool, "a boolean has a type of kind bool");
  Value value(std::move(type));
  value.bits_ = v;
  return value;
}
Value Value::unsigned_number(std::uint64_t v, Type type) {
  NB_CHECK(vdl::is_unsigned(type.kind()), "an unsigned number has an unsigned type");
  NB_CHECK(bits_of(type.kind()) == 64 || v >> bits_of(type.kind()) == 0, "the number fits its type");
  Value value(std::move(type));
  value.bits_ = v;
  return value;
}
Value Value::signed_number(std::int64_t v, Type type) {
  NB_CHECK(vdl::is_signed(type.kind()), "a signed number has a signed type");
  const int shift = 64 - bits_of(type.kind());
  NB_CHECK(static_cast<std::int64_t>(static_cast<std::uint64_t>(v) << shift) >> shift == v, "the number fits its type");
  Value value(std::move(type));
  value.bits_ = static_cast<std::uint64_t>(v);
  return value;
}
Value Value::floating(double v, Type type) {
  NB_CHECK(vdl::is_float(type.kind()), "a floating number has a floating type");
  if (type.kind() == Kind::kFloat32) v = static_cast<double>(static_cast<float>(v));
  Value value(std::move(type));
  value.bits_ = std::bit_cast<std::uint64_t>(v);
  return value;
}
Value Value::string(std::string v, Type type) {
  NB_CHECK(type.kind() == Kind::kString, "a string has a type of kind string");
  Value value(std::move(type));
  if (!v.empty()) value.rep_ = new Text(std::move(v));
  return value;
}
Value Value::bytes(Bytes v, Type type) {
  NB_CHECK(type.is_bytes(), "bytes have a type of bytes");
  NB_CHECK(type.kind() == Kind::kList || v.size() == type.len(), "an array has as many bytes as its type says");
  Value value;
  value.type_ = std::move(type);
  value.rep_ = new Raw(std::move(v));
  return value;
}
Value Value::enumeration(std::size_t label, Type type) {
  NB_CHECK(type.kind() == Kind::kEnum && label < type.labels().size(), "an enum value has a label of its type");
  Value value(std::move(type));
  value.bits_ = label;
  return value;
}
Value Value::type_object(Type v) {
  Value value(Type::type_object());
  if (v.kind() != Kind::kAny) value.rep_ = new TypeHolder(std::move(v));
  return value;
}
Value Value::some(Value v, Type optional_type) {
  NB_CHECK(optional_type.kind() == Kind::kOptional && optional_type.elem() == v.type(), "an optional holds its type");
  Value value(std::move(optional_type));
  value.own_items().items.push_back(std::move(v));
  return value;
}
Value Value::any(Value v) {
  if (v.kind() == Kind::kAny) return v;
  Value value;
  value.own_items().items.push_back(std::move(v));
  return value;
}
Value Value::union_of(std::size_t field, Value v, Type type) {
  NB_CHECK(type.kind() == Kind::kUnion && field < type.fields().size(), "a union has the field");
  NB_CHECK(type.fields()[field].type == v.type(), "a union holds a value of its field's type");
  Value value;
  value.type_ = std::move(type);
  auto& items = value.own_items();
  items.items.push_back(std::move(v));
  items.index = field;
  return value;
}

const Type& Value::type() const { return type_; }

const Value::Items* Value::items() const { return static_cast<const Items*>(rep_); }

Value::Items& Value::own_items() {
  if (!rep_) {
    rep_ = new Items;
  } else if (rep_->owners.load(std::memory_order_acquire) > 1) {
    auto* copy = new Items(*items());
    release(std::exchange(rep_, copy));
  }
  return *static_cast<Items*>(rep_);
}

Value::Entries& Value::own_entries() {
  if (!rep_) {
    rep_ = new Entries;
  } else if (rep_->owners.load(std::memory_order_acquire) > 1) {
    auto* copy = new Entries(*static_cast<const Entries*>(rep_));
    release(std::exchange(rep_, copy));
  }
  return *static_cast<Entries*>(rep_);
}

}  // namespace nb

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

bool is_unsigned(Kind kind) { return kind >= Kind::kByte && kind <= Kind::kUint64; }
bool is_signed(Kind kind) { return kind >= Kind::kInt8 && kind <= Kind::kInt64; }
bool is_float(Kind kind) { return kind == Kind::kFloat32 || kind == Kind::kFloat64; }

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
  NB_CHECK(is_unsigned(type.kind()), "an unsigned number has an unsigned type");
  NB_CHECK(bits_of(type.kind()) == 64 || v >> bits_of(type.kind()) == 0, "the number fits its type");
  Value value(std::move(type));
  value.bits_ = v;
  return value;
}
Value Value::signed_number(std::int64_t v, Type type) {
  NB_CHECK(is_signed(type.kind()), "a signed number has a signed type");
  const int shift = 64 - bits_of(type.kind());
  NB_CHECK(static_cast<std::int64_t>(static_cast<std::uint64_t>(v) << shift) >> shift == v, "the number fits its type");
  Value value(std::move(type));
  value.bits_ = static_cast<std::uint64_t>(v);
  return value;
}
Value Value::floating(double v, Type type) {
  NB_CHECK(is_float(type.kind()), "a floating number has a floating type");
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

bool Value::as_bool() const {
  NB_CHECK(kind() == Kind::kBool, "kind was asked first");
  return bits_ != 0;
}
std::uint64_t Value::as_unsigned() const {
  NB_CHECK(is_unsigned(kind()), "kind was asked first");
  return bits_;
}
std::int64_t Value::as_signed() const {
  NB_CHECK(is_signed(kind()), "kind was asked first");
  return static_cast<std::int64_t>(bits_);
}
double Value::as_float() const {
  NB_CHECK(is_float(kind()), "kind was asked first");
  return std::bit_cast<double>(bits_);
}
const std::string& Value::as_string() const {
  NB_CHECK(kind() == Kind::kString, "kind was asked first");
  static const auto& empty = *new std::string;
  return rep_ ? static_cast<const Text*>(rep_)->text : empty;
}
std::size_t Value::as_enum() const {
  NB_CHECK(kind() == Kind::kEnum, "kind was asked first");
  return static_cast<std::size_t>(bits_);
}
std::string_view Value::label() const { return type_.labels()[as_enum()]; }
const Type& Value::as_type() const {
  NB_CHECK(kind() == Kind::kTypeObject, "kind was asked first");
  static const auto& any = *new Type;
  return rep_ ? static_cast<const TypeHolder*>(rep_)->type : any;
}
const Bytes& Value::as_bytes() const {
  NB_CHECK(type_.is_bytes(), "kind was asked first");
  static const auto& empty = *new Bytes;
  return rep_ ? static_cast<const Raw*>(rep_)->bytes : empty;
}

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

std::size_t Value::size() const {
  switch (kind()) {
    case Kind::kArray:
      return static_cast<std::size_t>(type_.len());
    case Kind::kList:
      if (!rep_) return 0;
      return type_.is_bytes() ? as_bytes().size() : items()->items.size();
    case Kind::kSet:
    case Kind::kMap:
      return rep_ ? static_cast<const Entries*>(rep_)->keys.size() : 0;
    default:
      NB_CHECK(false, "kind was asked first");
  }
  return 0;
}

Value Value::at(std::size_t i) const {
  if (type_.is_bytes()) {
    NB_CHECK(i < size(), "the element exists");
    return unsigned_number(as_bytes()[i], type_.elem());
  }
  return item(i);
}

const Value& Value::item(std::size_t i) const {
  NB_CHECK(i < size() && !type_.is_bytes(), "the element exists");
  if (kind() == Kind::kSet || kind() == Kind::kMap) return static_cast<const Entries*>(rep_)->keys[i];
  return items()->items[items()->all_alike ? 0 : i];
}

const Value& Value::map_item(std::size_t i) const {
  NB_CHECK(kind() == Kind::kMap && i < size(), "the element exists");
  return static_cast<const Entries*>(rep_)->elems[i];
}

void Value::set_at(std::size_t i, Value v) {
  NB_CHECK((kind() == Kind::kArray || kind() == Kind::kList) && i < size(), "the element exists");
  NB_CHECK(v.type() == type_.elem(), "the element has the element type");
  if (type_.is_bytes()) {
    Bytes changed = as_bytes();
    changed[i] = static_cast<std::uint8_t>(v.as_unsigned());
    clear();
    rep_ = new Raw(std::move(changed));
    return;
  }
  auto& own = own_items();
  if (own.all_alike) {
    own.items.resize(size(), own.items[0]);
    own.all_alike = false;
  }
  own.items[i] = std::move(v);
}

void Value::append(Value v) {
  NB_CHECK(kind() == Kind::kList, "only a list grows");
  NB_CHECK(v.type() == type_.elem(), "the element has the element type");
  if (type_.is_bytes()) {
    if (!rep_ || rep_->owners.load(std::memory_order_acquire) > 1) {
      auto* copy = new Raw(as_bytes());
      clear();
      rep_ = copy;
    }
    static_cast<Raw*>(rep_)->bytes.push_back(static_cast<std::uint8_t>(v.as_unsigned()));
    return;
  }
  own_items().items.push_back(std::move(v));
}

void Value::resize(std::size_t n) {
  NB_CHECK(kind() == Kind::kList, "only a list grows");
  if (type_.is_bytes()) {
    Bytes changed = as_bytes();
    changed.resize(n);
    clear();
    rep_ = new Raw(std::move(changed));
    return;
  }
  own_items().items.resize(n, Value(type_.elem()));
}

bool Value::insert(Value key) {
  NB_CHECK(kind() == Kind::kSet && key.type() == type_.key(), "the key has the key type");
  auto& own = own_entries();
  if (own.find(key) != SIZE_MAX) return false;
  own.keys.push_back(std::move(key));
  own.add_to_index(own.keys.size() - 1);
  return true;
}

bool Value::insert(Value key, Value elem) {
  NB_CHECK(kind() == Kind::kMap && key.type() == type_.key(), "the key has the key type");
  NB_CHECK(elem.type() == type_.elem(), "the element has the element type");
  auto& own = own_entries();
  if (const auto found = own.find(key); found != SIZE_MAX) {
    own.elems[found] = std::move(elem);
    return false;
  }
  own.keys.push_back(std::move(key));
  own.elems.push_back(std::move(elem));
  own.add_to_index(own.keys.size() - 1);
  return true;
}

Value Value::key_at(std::size_t i) const {
  NB_CHECK(kind() == Kind::kSet || kind() == Kind::kMap, "kind was asked first");
  return item(i);
}
Value Value::elem_at(std::size_t i) const { return map_item(i); }

const Value* Value::find(const Value& key) const {
  NB_CHECK((kind() == Kind::kSet || kind() == Kind::kMap) && key.type() == type_.key(), "the key has the key type");
  if (!rep_) return nullptr;
  const auto* entries = static_cast<const Entries*>(rep_);
  const auto found = entries->find(key);
  if (found == SIZE_MAX) return nullptr;
  return kind() == Kind::kSet ? &entries->keys[found] : &entries->elems[found];
}

const Value& Value::field(std::size_t i) const {
  NB_CHECK(kind() == Kind::kStruct && i < items()->items.size(), "the field exists");
  return items()->items[i];
}

void Value::set_field(std::size_t i, Value v) {
  NB_CHECK(kind() == Kind::kStruct && i < items()->items.size(), "the field exists");
  NB_CHECK(v.type() == type_.fields()[i].type, "the field has the field's type");
  own_items().items[i] = std::move(v);
}

std::size_t Value::union_index() const {
  NB_CHECK(kind() == Kind::kUnion, "kind was asked first");
  return items()->index;
}

const Value& Value::single() const { return items()->items[0]; }

const Value& Value::union_value() const {
  NB_CHECK(kind() == Kind::kUnion, "kind was asked first");
  return single();
}

bool Value::is_nil() const {
  NB_CHECK(kind() == Kind::kOptional || kind() == Kind::kAny, "kind was asked first");
  return !rep_;
}

const Value& Value::elem() const {
  NB_CHECK(!is_nil(), "nil was asked first");
  return single();
}

bool Value::is_zero() const {
  switch (kind()) {
    case Kind::kFloat32:
    case Kind::kFloat64:
      return as_float() == 0;
    case Kind::kString:
      return as_string().empty();
    case Kind::kArray:
      if (type_.is_bytes()) return std::ranges::all_of(as_bytes(), [](auto byte) { return byte == 0; });
      [[fallthrough]];
    case Kind::kStruct:
      return std::ranges::all_of(items()->items, [](const Value& part) { return part.is_zero(); });
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
      return size() == 0;
    case Kind::kUnion:
      return items()->index == 0 && single().is_zero();
    case Kind::kAny:
    case Kind::kOptional:
    case Kind::kTypeObject:
      return !rep_;
    default:
      return bits_ == 0;
  }
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() == Kind::kAny && b.kind() != Kind::kAny) return !a.is_nil() && a.elem() == b;
  if (b.kind() == Kind::kAny && a.kind() != Kind::kAny) return b == a;
  if (a.type_ != b.type_) return false;
  switch (a.kind()) {
    case Kind::kFloat32:
    case Kind::kFloat64:
      return a.as_float() == b.as_float();
    case Kind::kString:
      return a.as_string() == b.as_string();
    case Kind::kTypeObject:
      return a.as_type() == b.as_type();
    case Kind::kArray:
    case Kind::kList:
      if (a.type_.is_bytes()) return a.as_bytes() == b.as_bytes();
      if (a.size() != b.size()) return false;
      if (a.rep_ == b.rep_ && !a.rep_) return true;
      if (a.kind() == Kind::kArray && a.items()->all_alike && b.items()->all_alike) return a.item(0) == b.item(0);
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (!(a.item(i) == b.item(i))) return false;
      }
      return true;
    case Kind::kStruct:
      return std::ranges::equal(a.items()->items, b.items()->items);
    case Kind::kUnion:
      return a.union_index() == b.union_index() && a.single() == b.single();
    case Kind::kSet:
    case Kind::kMap:
      if (a.size() != b.size()) return false;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const Value* found = b.find(a.item(i));
        if (!found) return false;
        // A NaN is found by its bits and is still unequal to itself.
        if (!(a.kind() == Kind::kSet ? *found == a.item(i) : *found == a.map_item(i))) return false;
      }
      return true;
    case Kind::kAny:
    case Kind::kOptional:
      if (!a.rep_ || !b.rep_) return !a.rep_ && !b.rep_;
      return a.single() == b.single();
    default:
      return a.bits_ == b.bits_;
  }
}

}  // namespace nb

// What a Value holds: scalars, elements, keys, fields.
#include <algorithm>
#include <bit>
#include <utility>

#include <nb/base/check.h>
#include <nb/vdl/value.h>

#include "vdl/value_rep.h"

namespace nb {

bool Value::as_bool() const {
  NB_CHECK(kind() == Kind::kBool, "kind was asked first");
  return bits_ != 0;
}
std::uint64_t Value::as_unsigned() const {
  NB_CHECK(vdl::is_unsigned(kind()), "kind was asked first");
  return bits_;
}
std::int64_t Value::as_signed() const {
  NB_CHECK(vdl::is_signed(kind()), "kind was asked first");
  return static_cast<std::int64_t>(bits_);
}
double Value::as_float() const {
  NB_CHECK(vdl::is_float(kind()), "kind was asked first");
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

}  // namespace nb

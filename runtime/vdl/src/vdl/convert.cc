// Conversion of values (docs/spec/vom.md 11.2 and 11.3).
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <nb/vdl/value.h>

#include "vdl/literal.h"
#include "vdl/number_conversion.h"
#include "vdl/type_node.h"

namespace nb {

namespace {

constexpr int kMaxDepth = 2000;

Error bad_arg(std::string message) {
  return Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry, std::move(message));
}

constexpr std::uint64_t kCell = 16;  // memory of a value without what it points to

class Converter {
 public:
  explicit Converter(std::uint64_t max_bytes) : memory_left_(max_bytes) {}

  Result<Value> run(const Value& from, const Type& target) {
    if (!compatible(from.type(), target)) {
      return bad_arg("`" + vdl::spell_short(from.type()) + "` cannot be converted to `" + vdl::spell_short(target) +
                     "`");
    }
    Value result;
    if (!value(from, target, result)) return bad_arg("cannot convert" + where() + ": " + why_);
    return result;
  }

 private:
  // False: why_ says why not, path_ where.
  bool value(const Value& from, const Type& target, Value& to) {
    if (depth_ > kMaxDepth) return fail("nested too deeply");
    if (from.type() == target) {
      to = from;
      return true;
    }
    if (from.kind() == Kind::kAny) {
      if (from.is_nil()) return nil(from, target, to);
      if (!known_compatible(from.elem().type(), target)) return mismatch(from.elem(), target);
      return value(from.elem(), target, to);
    }
    if (target.kind() == Kind::kAny) {
      if (!charge(4 * kCell)) return false;
      to = Value::any(from);
      return true;
    }
    if (from.kind() == Kind::kOptional) {
      if (from.is_nil()) return nil(from, target, to);
      return value(from.elem(), target, to);
    }
    if (target.kind() == Kind::kOptional) {
      Value inner;
      if (!charge(4 * kCell) || !value(from, target.elem(), inner)) return false;
      to = Value::some(std::move(inner), target);
      return true;
    }
    ++depth_;
    const bool done = concrete(from, target, to);
    --depth_;
    return done;
  }

  bool nil(const Value& from, const Type& target, Value& to) {
    if (target.kind() == Kind::kOptional) {
      to = Value(target);
      return true;
    }
    if (target.kind() == Kind::kAny) {
      to = from.kind() == Kind::kAny ? Value() : Value::any(from);
      return true;
    }
    return fail("nil cannot become `" + vdl::spell_short(target) + "`");
  }

  // Neither is an any or optional.
  bool concrete(const Value& from, const Type& target, Value& to) {
    switch (target.kind()) {
      case Kind::kBool:
        if (from.kind() != Kind::kBool) return mismatch(from, target);
        to = Value::boolean(from.as_bool(), target);
        return true;
      case Kind::kString:
        if (!charge(3 * kCell + (from.kind() == Kind::kString ? from.as_string().size() : 0))) return false;
        if (from.kind() == Kind::kString) {
          to = Value::string(from.as_string(), target);
        } else if (from.kind() == Kind::kEnum) {
          to = Value::string(std::string(from.label()), target);
        } else {
          return mismatch(from, target);
        }
        return true;
      case Kind::kEnum: {
        if (from.kind() != Kind::kString && from.kind() != Kind::kEnum) return mismatch(from, target);
        const std::string_view label = from.kind() == Kind::kString ? from.as_string() : from.label();
        const int index = target.label_index(label);
        if (index < 0) return fail("`" + vdl::spell_short(target) + "` has no label " + vdl::quote(label));
        to = Value::enumeration(static_cast<std::size_t>(index), target);
        return true;
      }
      case Kind::kTypeObject:
        if (from.kind() != Kind::kTypeObject) return mismatch(from, target);
        to = from;
        return true;
      case Kind::kArray:
      case Kind::kList:
        if (from.kind() != Kind::kArray && from.kind() != Kind::kList) return mismatch(from, target);
        return sequence(from, target, to);
      case Kind::kSet:
      case Kind::kMap:
        if (from.kind() != target.kind()) return mismatch(from, target);
        return entries(from, target, to);
      case Kind::kStruct:
        if (from.kind() != Kind::kStruct) return mismatch(from, target);
        return structure(from, target, to);
      case Kind::kUnion:
        if (from.kind() != Kind::kUnion) return mismatch(from, target);
        return one_of(from, target, to);
      default: {
        if (!vdl::is_number(from.kind())) return mismatch(from, target);
        auto number = vdl::convert_number(from, target);
        if (!number) return fail(from.to_string() + " does not fit into `" + vdl::spell_short(target) + "`");
        to = std::move(*number);
        return true;
      }
    }
  }

  bool sequence(const Value& from, const Type& target, Value& to) {
    const std::size_t count = from.size();
    if (target.kind() == Kind::kArray && count != target.len()) {
      return fail(std::to_string(count) + " elements cannot become `" + vdl::spell_short(target) + "`");
    }
    if (target.is_bytes() && !charge(3 * kCell + count)) return false;
    if (from.type().is_bytes() && target.is_bytes()) {
      to = Value::bytes(from.as_bytes(), target);
      return true;
    }
    const Type elem = target.elem();
    const bool from_bytes = from.type().is_bytes();
    if (target.is_bytes()) {
      Bytes bytes;
      bytes.reserve(std::min<std::size_t>(count, 1 << 16));
      for (std::size_t i = 0; i < count; ++i) {
        Value part;
        if (!element(i, from.item(i), elem, part)) return false;
        bytes.push_back(static_cast<std::uint8_t>(part.as_unsigned()));
      }
      to = Value::bytes(std::move(bytes), target);
      return true;
    }
    const Value* none = target.kind() == Kind::kArray ? zero(target) : nullptr;
    if (!charge(4 * kCell) || (target.kind() == Kind::kArray && !none)) return false;
    Value made = none ? *none : Value(target);
    if (from.kind() == Kind::kArray && target.kind() == Kind::kArray && from.is_zero()) {
      // Zero stays zero, if it may be converted at all; one element tells. Large zero arrays are never spread out.
      Value part;
      if (!element(0, from.at(0), elem, part)) return false;
      if (part.is_zero()) {
        to = std::move(made);
        return true;
      }
    }
    if (!charge(count * kCell)) return false;
    for (std::size_t i = 0; i < count; ++i) {
      Value part;
      if (!element(i, from_bytes ? from.at(i) : from.item(i), elem, part)) return false;
      if (target.kind() == Kind::kArray) {
        made.set_at(i, std::move(part));
      } else {
        made.append(std::move(part));
      }
    }
    to = std::move(made);
    return true;
  }

  bool element(std::size_t i, const Value& from, const Type& target, Value& to) {
    return value(from, target, to) || at("[" + std::to_string(i) + "]");
  }

  bool entries(const Value& from, const Type& target, Value& to) {
    if (!charge(8 * kCell + from.size() * 6 * kCell)) return false;
    Value made(target);
    const Type key_type = target.key();
    for (std::size_t i = 0; i < from.size(); ++i) {
      Value key;
      if (!value(from.item(i), key_type, key)) return at("[key " + std::to_string(i) + "]");
      if (target.kind() == Kind::kSet) {
        made.insert(std::move(key));
        continue;
      }
      Value elem;
      if (!value(from.map_item(i), target.elem(), elem)) return at("[" + from.item(i).to_string() + "]");
      made.insert(std::move(key), std::move(elem));
    }
    to = std::move(made);
    return true;
  }

  bool structure(const Value& from, const Type& target, Value& to) {
    const Value* none = zero(target);
    if (!none) return false;
    Value made = *none;
    bool charged = false;
    const auto fields = from.type().fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const int index = target.field_index(fields[i].name);
      if (index < 0) continue;
      // A zero field counts as absent, as it is on the wire: a nil of its type, say, is not converted.
      if (from.field(i).is_zero()) continue;
      const auto place = static_cast<std::size_t>(index);
      // From here on it has fields of its own.
      if (!charged && !charge(4 * kCell + target.fields().size() * kCell)) return false;
      charged = true;
      Value part;
      if (!value(from.field(i), target.fields()[place].type, part)) return at("." + fields[i].name);
      made.set_field(place, std::move(part));
    }
    to = std::move(made);
    return true;
  }

  bool one_of(const Value& from, const Type& target, Value& to) {
    const auto& field = from.type().fields()[from.union_index()];
    const int index = target.field_index(field.name);
    if (index < 0) return fail("`" + vdl::spell_short(target) + "` has no field `" + field.name + "`");
    const auto place = static_cast<std::size_t>(index);
    Value part;
    if (!charge(4 * kCell)) return false;
    if (!value(from.union_value(), target.fields()[place].type, part)) return at("." + field.name);
    to = Value::union_of(place, std::move(part), target);
    return true;
  }

  // Zero structs and arrays of one type share their parts. Null: it takes too much memory.
  const Value* zero(const Type& type) {
    const auto found = zeros_.find(type.node());
    if (found != zeros_.end()) return &found->second;
    if (!charge(type.inline_bytes())) return nullptr;
    return &zeros_.emplace(type.node(), Value(type)).first->second;
  }
  bool charge(std::uint64_t bytes) {
    if (bytes > memory_left_) return fail("the value takes too much memory");
    memory_left_ -= bytes;
    return true;
  }

  // Lists of any ask the same again and again.
  bool known_compatible(const Type& from, const Type& target) {
    const auto [found, fresh] = compatible_.emplace(std::pair(from.node(), target.node()), false);
    if (fresh) found->second = compatible(from, target);
    return found->second;
  }

  bool mismatch(const Value& from, const Type& target) {
    return fail("`" + vdl::spell_short(from.type()) + "` cannot be converted to `" + vdl::spell_short(target) + "`");
  }
  bool fail(std::string why) {
    why_ = std::move(why);
    return false;
  }
  bool at(std::string step) {  // called on the way out, innermost first
    if (path_.size() < 400) path_.insert(0, step);
    return false;
  }
  std::string where() const { return path_.empty() ? "" : " at " + path_; }

  std::uint64_t memory_left_;
  std::map<const TypeNode*, Value> zeros_;
  int depth_ = 0;
  std::string why_, path_;
  std::map<std::pair<const TypeNode*, const TypeNode*>, bool> compatible_;
};

}  // namespace

Result<Value> convert(const Value& v, const Type& target, std::uint64_t max_bytes) {
  if (v.type() == target) return v;
  Converter converter(max_bytes);
  return converter.run(v, target);
}

}  // namespace nb

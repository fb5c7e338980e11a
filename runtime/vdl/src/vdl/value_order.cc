// Equality, and a total order over values of one type, for the keys of sets and maps (docs/spec/vom.md 12.1 has none;
// keys come from outside and may hold NaN anywhere).
#include <algorithm>

#include <nb/base/check.h>
#include <nb/vdl/containers.h>
#include <nb/vdl/value.h>

#include "vdl/value_rep.h"

namespace nb {

namespace {
template <class T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}
}  // namespace

int total_order(const Value& a, const Value& b) {
  NB_CHECK(a.kind() == b.kind(), "only values of one type are ordered");
  switch (a.kind()) {
    case Kind::kBool:
      return compare(a.as_bool(), b.as_bool());
    case Kind::kByte:
    case Kind::kUint16:
    case Kind::kUint32:
    case Kind::kUint64:
      return compare(a.as_unsigned(), b.as_unsigned());
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
      return compare(a.as_signed(), b.as_signed());
    case Kind::kFloat32:
    case Kind::kFloat64:
      return vdl::order_of(a.as_float(), b.as_float());
    case Kind::kString:
      return compare(a.as_string(), b.as_string());
    case Kind::kEnum:
      return compare(a.as_enum(), b.as_enum());
    case Kind::kArray:
      if (a.type().is_bytes()) return compare(a.as_bytes(), b.as_bytes());
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (const int order = total_order(a.item(i), b.item(i)); order != 0) return order;
      }
      return 0;
    case Kind::kStruct:
      for (std::size_t i = 0; i < a.type().fields().size(); ++i) {
        if (const int order = total_order(a.field(i), b.field(i)); order != 0) return order;
      }
      return 0;
    case Kind::kUnion:
      if (const int order = compare(a.union_index(), b.union_index()); order != 0) return order;
      return total_order(a.union_value(), b.union_value());
    case Kind::kAny:
    case Kind::kTypeObject:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      break;
  }
  NB_CHECK(false, "only what may be a key is ordered");
  return 0;
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

// A total order over values of one type, for the keys of sets and maps (docs/spec/vom.md 12.1 has none; keys come from
// outside and may hold NaN anywhere).
#include <algorithm>

#include <nb/base/check.h>
#include <nb/vdl/containers.h>
#include <nb/vdl/value.h>

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

}  // namespace nb

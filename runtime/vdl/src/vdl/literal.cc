// VDL literals. The outermost value names its type; inner ones leave it out where it follows from the outer type, as
// `types.MStruct{A: true, D: {B: "abc"}, F: int16(1)}` does.
#include "vdl/literal.h"

#include <charconv>
#include <cmath>

#include <nb/vdl/value.h>

#include "vdl/type_node.h"

namespace nb {

namespace vdl {

std::string quote(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          out += "\\x";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string spell_float(double value, bool is_float32) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  char digits[40];
  const auto end = is_float32 ? std::to_chars(digits, digits + sizeof digits, static_cast<float>(value)).ptr
                              : std::to_chars(digits, digits + sizeof digits, value).ptr;
  return std::string(digits, end);
}

}  // namespace vdl

namespace {

constexpr int kMaxLiteralDepth = 200;

std::string quote_bytes(const Bytes& bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const auto byte : bytes) {
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      out += static_cast<char>(byte);
    } else {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out + '"';
}

// A type as an expression refers to it: by name if it has one.
std::string refer(const Type& type) {
  if (!type.name().empty()) return std::string(type.name());
  switch (type.kind()) {
    case Kind::kList:
      return "[]" + refer(type.elem());
    case Kind::kArray:
      return "[" + std::to_string(type.len()) + "]" + refer(type.elem());
    case Kind::kSet:
      return "set[" + refer(type.key()) + "]";
    case Kind::kMap:
      return "map[" + refer(type.key()) + "]" + refer(type.elem());
    case Kind::kOptional:
      return "?" + refer(type.elem());
    default:
      return vdl::spell_short(type);
  }
}

class Literal {
 public:
  std::string take() && { return std::move(text_); }

  // `with_type`: nothing around the value says which type it has.
  void value(const Value& v, bool with_type, int depth) {
    if (depth > kMaxLiteralDepth) {
      text_ += "...";
      return;
    }
    const Type& type = v.type();
    switch (v.kind()) {
      case Kind::kAny:
        if (v.is_nil()) {
          text_ += "nil";
        } else {
          value(v.elem(), true, depth + 1);
        }
        return;
      case Kind::kBool:
        return scalar(type, v.as_bool() ? "true" : "false", with_type && !type.name().empty());
      case Kind::kByte:
      case Kind::kUint16:
      case Kind::kUint32:
      case Kind::kUint64:
        return scalar(type, std::to_string(v.as_unsigned()), with_type);
      case Kind::kInt8:
      case Kind::kInt16:
      case Kind::kInt32:
      case Kind::kInt64:
        return scalar(type, std::to_string(v.as_signed()), with_type);
      case Kind::kFloat32:
      case Kind::kFloat64:
        return scalar(type, vdl::spell_float(v.as_float(), v.kind() == Kind::kFloat32), with_type);
      case Kind::kString:
        return scalar(type, vdl::quote(v.as_string()), with_type && !type.name().empty());
      case Kind::kEnum:
        text_ += refer(type) + '.' + std::string(v.label());
        return;
      case Kind::kTypeObject:
        text_ += "typeobject(" + refer(v.as_type()) + ")";
        return;
      case Kind::kArray:
      case Kind::kList:
        if (type.is_bytes()) return scalar(type, quote_bytes(v.as_bytes()), with_type);
        // A zero array needs no elements spelled out, however long it is.
        return composite(type, with_type, v.kind() == Kind::kArray && v.is_zero() ? 0 : v.size(),
                         [&](std::size_t i) { value(v.item(i), false, depth + 1); });
      case Kind::kSet:
        return composite(type, with_type, v.size(), [&](std::size_t i) { value(v.item(i), false, depth + 1); });
      case Kind::kMap:
        return composite(type, with_type, v.size(), [&](std::size_t i) {
          value(v.item(i), false, depth + 1);
          text_ += ": ";
          value(v.map_item(i), false, depth + 1);
        });
      case Kind::kStruct: {
        std::vector<std::size_t> set;
        for (std::size_t i = 0; i < type.fields().size(); ++i) {
          if (!v.field(i).is_zero()) set.push_back(i);
        }
        return composite(type, with_type, set.size(), [&](std::size_t i) {
          text_ += type.fields()[set[i]].name + ": ";
          value(v.field(set[i]), false, depth + 1);
        });
      }
      case Kind::kUnion:
        return composite(type, with_type, 1, [&](std::size_t) {
          text_ += type.fields()[v.union_index()].name + ": ";
          value(v.union_value(), false, depth + 1);
        });
      case Kind::kOptional:
        if (v.is_nil()) {
          text_ += with_type ? refer(type) + "(nil)" : "nil";
        } else {
          if (with_type) text_ += '?';
          value(v.elem(), with_type, depth + 1);
        }
        return;
    }
  }

 private:
  void scalar(const Type& type, const std::string& text, bool with_type) {
    text_ += with_type ? refer(type) + '(' + text + ')' : text;
  }

  template <class Item>
  void composite(const Type& type, bool with_type, std::size_t count, Item&& item) {
    if (with_type) text_ += refer(type);
    text_ += '{';
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text_ += ", ";
      item(i);
    }
    text_ += '}';
  }

  std::string text_;
};

}  // namespace

std::string Value::to_string() const {
  Literal literal;
  literal.value(*this, true, 0);
  return std::move(literal).take();
}

}  // namespace nb

#include <nb/vom/dump.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <nb/vdl/value.h>
#include <nb/vom/decoder.h>
#include <nb/vom/primitive.h>
#include <nb/vom/type_decoder.h>

#include "vom/parse.h"
#include "vom/wire_type.h"

namespace nb::vom {

namespace {

constexpr std::size_t kShownBytes = 8;

class Dumper {
 public:
  Dumper(BytesView stream, const Limits& limits) : stream_(stream), limits_(limits), types_(limits) {}

  std::string run() {
    if (version()) {
      while (at_ < stream_.size() && message()) {
      }
    }
    if (!why_.empty()) out_ += "      cannot go on: " + why_ + "\n";
    if (at_ < stream_.size()) atom(stream_.size() - at_, "rest", "not understood");
    return std::move(out_);
  }

 private:
  // One line about the next `size` bytes; takes them.
  void atom(std::size_t size, std::string_view kind, std::string_view text) {
    std::string hex;
    for (std::size_t i = 0; i < std::min(size, kShownBytes); ++i) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", stream_[at_ + i]);
      hex += digits;
    }
    if (size > kShownBytes) hex += "...";
    char line[160];
    std::snprintf(line, sizeof line, "%04zx  %-20s%-13.*s", at_, hex.c_str(), static_cast<int>(kind.size()),
                  kind.data());
    out_.append(line).append(std::min<std::size_t>(depth_, 40) * 2, ' ').append(text).append("\n");
    at_ += size;
  }

  bool fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }

  bool number(std::string_view kind, std::uint64_t& value, auto describe) {
    if (at_ == stream_.size()) return fail("the bytes end here");
    const auto* begin = stream_.data() + at_;
    const auto* after = get_uvar(begin, stream_.data() + stream_.size(), value);
    if (!after) return fail(*begin >= 0x80 && *begin < 0xf8 ? "a number was expected" : "a number is cut short");
    atom(static_cast<std::size_t>(after - begin), kind, describe(value));
    return true;
  }
  bool number(std::string_view kind, std::uint64_t& value) {
    return number(kind, value, [](std::uint64_t v) { return std::to_string(v); });
  }
  bool bytes(std::string_view kind, std::uint64_t size, std::string_view text) {
    if (size > stream_.size() - at_) return fail("the bytes end before it is complete");
    atom(static_cast<std::size_t>(size), kind, text);
    return true;
  }
  bool control(std::uint8_t expected, std::string_view text) {
    if (at_ == stream_.size() || stream_[at_] != expected) return false;
    atom(1, "control", text);
    return true;
  }
  bool text(std::string_view kind, std::string& value) {
    std::uint64_t size = 0;
    if (!number("length", size)) return false;
    if (size > stream_.size() - at_) return fail("the bytes end before it is complete");
    value = as_text(stream_.subspan(at_, static_cast<std::size_t>(size)));
    if (size > 0) atom(static_cast<std::size_t>(size), kind, Value::string(value.substr(0, 60)).to_string());
    return true;
  }

  bool version() {
    if (stream_.empty()) return fail("there are no bytes");
    if (auto checked = check_version(stream_[0], Limits()); !checked)
      return fail(std::string(checked.error().message()));
    atom(1, "version", "0x81");
    return true;
  }

  bool message() {
    const std::size_t begin = at_;
    control(kTypeIncomplete, "the type is incomplete");
    std::uint64_t folded = 0;
    const bool read = number("message id", folded, [&](std::uint64_t v) {
      const std::int64_t id = unfold_sign(v);
      if (id < 0) return "type " + std::to_string(~static_cast<std::uint64_t>(id) + 1);
      const auto type = types_.find(static_cast<std::uint64_t>(id));
      return "value of type " + std::to_string(id) + (type ? ", " + name(*type) : ", which is not defined");
    });
    if (!read) return false;
    const std::int64_t id = unfold_sign(folded);
    return id < 0 ? type_message(begin) : value_message(static_cast<std::uint64_t>(id), begin);
  }

  bool type_message(std::size_t begin) {
    std::uint64_t size = 0, kind = 0;
    if (!number("length", size)) return false;
    if (size > stream_.size() - at_) return fail("the message is cut short");
    const std::size_t end = at_ + static_cast<std::size_t>(size);
    constexpr std::string_view kKinds[] = {"NamedT", "EnumT",   "ArrayT", "ListT",    "SetT",
                                           "MapT",   "StructT", "UnionT", "OptionalT"};
    const bool known = number("wire type", kind, [&](std::uint64_t v) {
      return v < std::size(kKinds) ? std::string(kKinds[v]) : "none of the nine sorts";
    });
    if (!known) return false;
    ++depth_;
    const bool fine = kind < std::size(kKinds) && wire_struct(static_cast<WireKind>(kind), end);
    --depth_;
    if (!fine) return fail("the type is malformed");
    if (at_ != end) return fail("the length does not match");
    Bytes message(stream_.begin() + static_cast<std::ptrdiff_t>(begin),
                  stream_.begin() + static_cast<std::ptrdiff_t>(at_));
    if (!types_fed_) message.insert(message.begin(), stream_[0]);
    types_fed_ = true;
    if (auto fed = types_.feed(message); !fed) return fail(std::string(fed.error().message()));
    return true;
  }

  bool wire_struct(WireKind kind, std::size_t end) {
    const bool members = kind == WireKind::kStruct || kind == WireKind::kUnion;
    while (at_ < end) {
      if (control(kEndOfStruct, "end of struct")) return true;
      std::uint64_t index = 0, value = 0;
      if (!number("field", index, [&](std::uint64_t v) {
            return v == 0 ? "0, Name" : std::to_string(v) + ", " + part_name(kind, v);
          })) {
        return false;
      }
      std::string text_value;
      if (index == 0) {
        if (!text("name", text_value)) return false;
      } else if (index == 1 && (members || kind == WireKind::kEnum)) {
        if (!number("count", value)) return false;
        for (std::uint64_t i = 0; i < value && at_ < end; ++i) {
          ++depth_;
          const bool fine = members ? member(end) : text("label", text_value);
          --depth_;
          if (!fine) return false;
        }
      } else if (!number(kind == WireKind::kArray && index == 2 ? "number" : "type id", value)) {
        return false;
      }
    }
    return false;
  }

  bool member(std::size_t end) {
    while (at_ < end) {
      if (control(kEndOfStruct, "end of struct")) return true;
      std::uint64_t index = 0, id = 0;
      std::string name;
      if (!number("field", index, [](std::uint64_t v) {
            return std::string(v == 0 ? "0, Name" : v == 1 ? "1, Type" : "unknown");
          })) {
        return false;
      }
      if (index == 0 ? !text("name", name) : !number("type id", id)) return false;
    }
    return false;
  }

  static std::string part_name(WireKind kind, std::uint64_t index) {
    switch (kind) {
      case WireKind::kNamed:
        return "Base";
      case WireKind::kEnum:
        return "Labels";
      case WireKind::kStruct:
      case WireKind::kUnion:
        return "Fields";
      case WireKind::kSet:
        return "Key";
      case WireKind::kMap:
        return index == 1 ? "Key" : "Elem";
      case WireKind::kArray:
        return index == 1 ? "Elem" : "Len";
      case WireKind::kList:
      case WireKind::kOptional:
        return "Elem";
    }
    return "";
  }

  static std::string name(const Type& type) {
    if (!type.name().empty()) return std::string(type.name());
    std::string text = type.to_string();
    if (text.size() > 100) text.replace(100, std::string::npos, "...");
    return text;
  }

  bool value_message(std::uint64_t id, std::size_t begin) {
    const auto type = types_.find(id);
    if (!type) return fail("type " + std::to_string(id) + " is not defined");
    refs_.clear();
    std::uint64_t count = 0, number_read = 0;
    if (type->contains_any() || type->contains_type_object()) {
      if (!number("types", count, [](std::uint64_t v) { return std::to_string(v) + " types referred to"; }))
        return false;
      for (std::uint64_t i = 0; i < count; ++i) {
        if (!number("type id", number_read, [&](std::uint64_t v) {
              const auto ref = types_.find(v);
              return std::to_string(i) + ": " + std::to_string(v) +
                     (ref ? ", " + name(*ref) : ", which is not defined");
            })) {
          return false;
        }
        refs_.push_back(types_.find(number_read).value_or(Type()));
      }
    }
    if (type->contains_any()) {
      if (!number("anys", count, [](std::uint64_t v) { return std::to_string(v) + " lengths of anys"; })) return false;
      for (std::uint64_t i = 0; i < count; ++i) {
        if (!number("any length", number_read,
                    [&](std::uint64_t v) { return std::to_string(i) + ": " + std::to_string(v); })) {
          return false;
        }
      }
    }
    if (has_length(*type) && !number("length", number_read)) return false;
    if (!body(*type)) return false;
    return result(begin);
  }

  // The value in one line, as the decoder sees it.
  bool result(std::size_t begin) {
    Decoder decoder(types_, limits_);
    decoder.feed(stream_.first(1));
    decoder.feed(stream_.subspan(begin, at_ - begin));
    decoder.finish();
    const auto value = decoder.next<Value>();
    if (!value) return fail(std::string(value.error().message()));
    std::string text = value->to_string();
    if (text.size() > 300) text.replace(300, std::string::npos, "...");
    out_.append(26, ' ').append("= ").append(text).append("\n");
    return true;
  }

  bool body(const Type& type) {
    if (depth_ > limits_.max_depth) return fail("nested too deeply");
    ++depth_;
    const bool fine = inner(type);
    --depth_;
    return fine;
  }

  bool inner(const Type& type) {
    std::uint64_t n = 0;
    switch (type.kind()) {
      case Kind::kBool:
        if (at_ == stream_.size()) return fail("the bytes end here");
        return bytes("bool", 1, stream_[at_] == 0 ? "false" : stream_[at_] == 1 ? "true" : "not a boolean");
      case Kind::kByte:
      case Kind::kUint16:
      case Kind::kUint32:
      case Kind::kUint64:
        return number(to_string(type.kind()), n);
      case Kind::kInt8:
      case Kind::kInt16:
      case Kind::kInt32:
      case Kind::kInt64:
        return number(to_string(type.kind()), n, [](std::uint64_t v) { return std::to_string(unfold_sign(v)); });
      case Kind::kFloat32:
      case Kind::kFloat64:
        return number(to_string(type.kind()), n, [](std::uint64_t v) {
          char text[40];
          std::snprintf(text, sizeof text, "%.17g", unreverse_double(v));
          return std::string(text);
        });
      case Kind::kString: {
        std::string value;
        return text("string", value);
      }
      case Kind::kEnum:
        return number("enum", n, [&](std::uint64_t v) {
          return std::to_string(v) + ", " + (v < type.labels().size() ? type.labels()[v] : "no such label");
        });
      case Kind::kTypeObject:
        return number("typeobject", n, [&](std::uint64_t v) { return reference(v); });
      case Kind::kArray:
      case Kind::kList: {
        if (type.kind() == Kind::kArray) {
          if (at_ == stream_.size() || stream_[at_] != 0) return fail("an array begins with 00");
          atom(1, "array", std::to_string(type.len()) + " elements");
          n = type.len();
        } else if (!number("count", n)) {
          return false;
        }
        if (type.is_bytes()) return n == 0 || bytes("bytes", n, std::to_string(n) + " bytes");
        const Type elem = type.elem();
        for (std::uint64_t i = 0; i < n; ++i) {
          if (!body(elem)) return false;
        }
        return true;
      }
      case Kind::kSet:
      case Kind::kMap:
        if (!number("count", n)) return false;
        for (std::uint64_t i = 0; i < n; ++i) {
          if (!body(type.key()) || (type.kind() == Kind::kMap && !body(type.elem()))) return false;
        }
        return true;
      case Kind::kStruct:
        while (!control(kEndOfStruct, "end of struct")) {
          if (!number("field", n, [&](std::uint64_t v) { return field(type, v); })) return false;
          if (n >= type.fields().size()) return fail("there is no such field");
          if (!body(type.fields()[n].type)) return false;
        }
        return true;
      case Kind::kUnion:
        if (!number("union field", n, [&](std::uint64_t v) { return field(type, v); })) return false;
        return n < type.fields().size() ? body(type.fields()[n].type) : fail("there is no such field");
      case Kind::kOptional:
        return control(kNil, "nil") || inner(type.elem());
      case Kind::kAny: {
        if (control(kNil, "nil")) return true;
        if (!number("any type", n, [&](std::uint64_t v) { return reference(v); })) return false;
        if (n >= refs_.size() || refs_[n].kind() == Kind::kAny) return fail("there is no such type");
        const Type held = refs_[n];
        return number("any index", n) && body(held);
      }
    }
    return fail("unknown kind");
  }

  std::string reference(std::uint64_t index) const {
    return std::to_string(index) + ", " + (index < refs_.size() ? name(refs_[index]) : "no such type");
  }
  static std::string field(const Type& type, std::uint64_t index) {
    return std::to_string(index) + ", " + (index < type.fields().size() ? type.fields()[index].name : "no such field");
  }

  BytesView stream_;
  const Limits& limits_;
  TypeDecoder types_;
  bool types_fed_ = false;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<Type> refs_;
  std::string out_, why_;
};

}  // namespace

std::string dump(BytesView stream, const Limits& limits) {
  Dumper dumper(stream, limits);
  return dumper.run();
}

}  // namespace nb::vom

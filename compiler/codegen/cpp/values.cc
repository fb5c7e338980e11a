#include "codegen/cpp/values.h"

#include <fmt/format.h>
#include <nb/vom/vom.h>

#include "codegen/cpp/literals.h"
#include "codegen/cpp/messages.h"
#include "codegen/cpp/names.h"
#include "codegen/cpp/native.h"

namespace vdlc::cpp {
namespace {

using nb::Kind;
using nb::Value;

constexpr std::size_t kMaxWrittenElements = 64;

bool is_list_like(Kind kind) {
  return kind == Kind::kArray || kind == Kind::kList || kind == Kind::kSet || kind == Kind::kMap;
}

// Elements of lists, arrays, sets and maps at any depth; stops counting when there are plainly too many.
std::size_t count_elements(const Value& value) {
  std::size_t count = is_list_like(value.kind()) ? value.size() : 0;
  const auto add = [&](const Value& part) {
    if (count <= kMaxWrittenElements) count += count_elements(part);
  };
  switch (value.kind()) {
    case Kind::kArray:
    case Kind::kList:
      if (value.type().is_bytes()) return count;
      for (std::size_t i = 0; i < value.size() && count <= kMaxWrittenElements; ++i) add(value.at(i));
      return count;
    case Kind::kMap:
      for (std::size_t i = 0; i < value.size() && count <= kMaxWrittenElements; ++i) add(value.elem_at(i));
      return count;
    case Kind::kStruct:
      for (std::size_t i = 0; i < value.type().fields().size(); ++i) add(value.field(i));
      return count;
    case Kind::kUnion:
      add(value.union_value());
      return count;
    case Kind::kAny:
    case Kind::kOptional:
      if (!value.is_nil()) add(value.elem());
      return count;
    default:
      return count;
  }
}

// Does the value hold a native type of the user's, which only its codec knows how to make?
bool holds_foreign(const Value& value, const BackEndOptions& options) {
  const std::string_view name = value.type().name();
  if (!name.empty() && name.substr(0, 5) != "time." && native_type(name, options)) return true;
  const auto any_of = [&](std::size_t count, auto part) {
    for (std::size_t i = 0; i < count; ++i) {
      if (holds_foreign(part(i), options)) return true;
    }
    return false;
  };
  switch (value.kind()) {
    case Kind::kArray:
    case Kind::kList:
      return !value.type().is_bytes() && any_of(value.size(), [&](std::size_t i) { return value.at(i); });
    case Kind::kSet:
      return any_of(value.size(), [&](std::size_t i) { return value.key_at(i); });
    case Kind::kMap:
      return any_of(value.size(), [&](std::size_t i) { return value.key_at(i); }) ||
             any_of(value.size(), [&](std::size_t i) { return value.elem_at(i); });
    case Kind::kStruct:
      return any_of(value.type().fields().size(), [&](std::size_t i) { return value.field(i); });
    case Kind::kUnion:
      return holds_foreign(value.union_value(), options);
    case Kind::kAny:
    case Kind::kOptional:
      return !value.is_nil() && holds_foreign(value.elem(), options);
    default:
      return false;
  }
}

// Writes one value after another; holds what all of them need.
class Writer {
 public:
  Writer(Speller& speller, Span at, Diagnostics& diagnostics) : speller_(speller), at_(at), diagnostics_(diagnostics) {}

  std::string expression(const Value& value) {
    const nb::Type& type = value.type();
    if (!type.name().empty() && native_type(type.name(), speller_.options())) return time(value);
    if (is_number(value.kind())) {
      return type.name().empty() ? number(value) : fmt::format("{}({})", speller_.type(type), number(value));
    }
    switch (value.kind()) {
      case Kind::kString:
        if (type.name().empty()) return string_expression(value.as_string(), "std::string");
        return value.is_zero() ? named(type, "") : named(type, string_expression(value.as_string(), "std::string"));
      case Kind::kEnum:
        return speller_.type(type) + "::" + spell_name(value.label(), Place::kInside);
      case Kind::kTypeObject:
        return type_expression(value.as_type(), speller_);
      case Kind::kArray:
        return named(type, value.is_zero() ? "" : speller_.structure(type) + elements(value));
      case Kind::kList:
      case Kind::kSet:
      case Kind::kMap:
        return list(value);
      case Kind::kStruct:
        return structure(value);
      case Kind::kUnion:
        return union_of(value);
      case Kind::kOptional:
        if (value.is_nil()) return "std::nullopt";
        return type == nb::Type::error() ? error(value.elem()) : expression(value.elem());
      case Kind::kAny:
        return value.is_nil() ? "::nb::Any()" : any(value.elem());
      default:
        return number(value);
    }
  }

  std::string any(const Value& held) {
    speller_.include("<nb/vdl/any.h>");
    const nb::Type& type = held.type();
    if (!type.name().empty()) return fmt::format("::nb::Any({})", expression(held));
    switch (held.kind()) {
      case Kind::kOptional:
        return fmt::format("::nb::Any({}({}))", speller_.type(type), held.is_nil() ? "" : expression(held));
      case Kind::kString:
        return fmt::format("::nb::Any({})", string_expression(held.as_string(), "std::string_view"));
      case Kind::kBool:
      case Kind::kFloat32:
      case Kind::kFloat64:
        return fmt::format("::nb::Any({})", number(held));
      default:
        if (is_number(held.kind())) return fmt::format("::nb::Any({}{{{}}})", speller_.type(type), number(held));
        return fmt::format("::nb::Any({})", expression(held));
    }
  }

 private:
  std::string number(const Value& value) {
    switch (value.kind()) {
      case Kind::kBool:
        return value.as_bool() ? "true" : "false";
      case Kind::kByte:
      case Kind::kUint16:
      case Kind::kUint32:
      case Kind::kUint64:
        return unsigned_literal(value.as_unsigned());
      case Kind::kFloat32:
        return float_literal(value.as_float());
      case Kind::kFloat64:
        return double_literal(value.as_float());
      default:
        return signed_literal(value.as_signed());
    }
  }

  std::string named(const nb::Type& type, std::string_view inside) {
    return fmt::format("{}({})", speller_.type(type), inside);
  }

  std::string elements(const Value& value) {
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) text += ", ";
      switch (value.kind()) {
        case Kind::kSet:
          text += expression(value.key_at(i));
          break;
        case Kind::kMap:
          text += fmt::format("{{{}, {}}}", expression(value.key_at(i)), expression(value.elem_at(i)));
          break;
        default:
          text +=
              value.type().elem() == nb::Type::byte() ? std::to_string(value.as_bytes()[i]) : expression(value.at(i));
      }
    }
    return "{" + text + "}";
  }

  std::string list(const Value& value) {
    const std::string type = speller_.type(value.type());
    if (value.size() == 0) return type + "()";
    // One element of the list's own type would be taken for the list itself.
    const bool of_itself = value.kind() == Kind::kList && value.type().elem() == value.type();
    if (of_itself) return fmt::format("{}(std::initializer_list<{}>{})", type, type, elements(value));
    return type + elements(value);
  }

  std::string structure(const Value& value) {
    if (value.type().fields().size() == 1 && value.field(0).kind() == Kind::kOptional && !value.field(0).is_nil() &&
        value.field(0).elem().type() == value.type()) {
      // The only argument has the struct's own type: without its Box it would be taken for the struct itself.
      const std::string type = speller_.type(value.type());
      return fmt::format("{}(::nb::Box<{}>({}))", type, type, expression(value.field(0)));
    }
    std::string text;
    if (!value.is_zero()) {
      for (std::size_t i = 0; i < value.type().fields().size(); ++i) {
        text += (i > 0 ? ", " : "") + expression(value.field(i));
      }
    }
    return named(value.type(), text);
  }

  std::string union_of(const Value& value) {
    if (value.is_zero()) return named(value.type(), "");
    const FullName name = split_full_name(value.type().name());
    const std::string type = speller_.type(value.type());
    const std::string field =
        spell_member(value.type().fields()[value.union_index()].name, spell_name(name.local, Place::kPackage));
    return fmt::format("{}({}::{}({}))", type, type, field, expression(value.union_value()));
  }

  std::string error(const Value& wire) {
    constexpr std::string_view kActions[] = {"NoRetry", "RetryConnection", "RetryRefetch", "RetryBackoff"};
    const auto text = [&](std::size_t i) { return string_expression(wire.field(i).as_string(), "std::string"); };
    std::string params;
    if (const Value& list = wire.field(3); list.size() > 0) {
      speller_.include("<memory>");
      speller_.include("<nb/vdl/error_def.h>");
      params = fmt::format(", std::make_shared<const ::nb::ErrorParamList>(std::vector<::nb::Any>{})", elements(list));
    }
    return fmt::format("::nb::Error({}, ::nb::{}, {}{})", text(0), kActions[wire.field(1).as_enum()], text(2), params);
  }

  std::string time(const Value& value) {
    const std::string type = speller_.type(value.type());
    if (value.type().name() == "time.WireDeadline") {
      return value.is_zero() ? type + "()" : fmt::format("{}::after({})", type, time(value.field(0)));
    }
    const std::int64_t seconds = value.field(0).as_signed(), nanos = value.field(1).as_signed();
    if (value.type().name() == "time.Time") {
      return fmt::format("{}({}, {})", type, signed_literal(seconds), nanos);
    }
    std::int64_t total = 0;
    if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &total) ||
        __builtin_add_overflow(total, nanos, &total)) {
      diagnostics_.error(at_, kDurationRange, value.to_string());
    }
    return fmt::format("{}({})", type, signed_literal(total));
  }

  Speller& speller_;
  Span at_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool is_constexpr(const nb::Value& value) {
  return is_scalar(value.type()) || (value.kind() == Kind::kString && value.type().name().empty());
}

bool wants_bytes(const nb::Value& value, Speller& speller) {
  return count_elements(value) > kMaxWrittenElements || holds_foreign(value, speller.options());
}

std::string value_expression(const nb::Value& value, Speller& speller, Span at, Diagnostics& diagnostics) {
  return Writer(speller, at, diagnostics).expression(value);
}

std::string any_expression(const nb::Value& value, Speller& speller, Span at, Diagnostics& diagnostics) {
  if (value.kind() == Kind::kAny) return value_expression(value, speller, at, diagnostics);
  return Writer(speller, at, diagnostics).any(value);
}

std::string type_expression(const nb::Type& type, Speller& speller) {
  return fmt::format("::nb::Codec<{}>::type()", speller.type(type));
}

std::vector<std::string> value_bytes(const nb::Value& value) {
  constexpr std::size_t kBytesInLine = 24;
  const auto bytes = nb::vom::encode(value);
  NB_CHECK(bytes.ok(), "the value of a constant can be encoded");
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < bytes->size(); i += kBytesInLine) {
    std::string line;
    for (std::size_t j = i; j < std::min(i + kBytesInLine, bytes->size()); ++j) {
      line += fmt::format("\\{:03o}", static_cast<unsigned>((*bytes)[j]));
    }
    lines.push_back("\"" + line + "\"");
  }
  return lines;
}

}  // namespace vdlc::cpp

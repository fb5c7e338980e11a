#include "check/constant.h"

#include "check/numbers.h"
#include "check/walk.h"
#include "model/print.h"

namespace vdlc::passes {
namespace {

constexpr std::size_t kShownText = 40;

// Printable and short; what is left out is three dots.
std::string quote(const std::string& text) {
  std::string result = "\"";
  for (const char c : text.substr(0, kShownText)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      result += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      result += c;
    }
  }
  // A character of several bytes that was cut in two would make the message invalid UTF-8.
  if (text.size() > kShownText) {
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0xc0) == 0x80) result.pop_back();
    if (static_cast<unsigned char>(result.back()) >= 0xc0) result.pop_back();
    result += "…";
  }
  return result + '"';
}

bool is_valid_utf8_start(const std::string& text) {
  for (std::size_t i = 0; i < text.size() && i < kShownText;) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    if (length == 0 || byte > 0xf4) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if (i + k >= text.size() || (static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace

bool is_integer(nb::Kind kind) { return kind >= nb::Kind::kByte && kind <= nb::Kind::kInt64; }
bool is_float(nb::Kind kind) { return kind == nb::Kind::kFloat32 || kind == nb::Kind::kFloat64; }
bool is_unsigned(nb::Kind kind) { return kind >= nb::Kind::kByte && kind <= nb::Kind::kUint64; }

unsigned bits_of(nb::Kind kind) {
  if (kind == nb::Kind::kByte || kind == nb::Kind::kInt8) return 8;
  if (kind == nb::Kind::kUint16 || kind == nb::Kind::kInt16) return 16;
  if (kind == nb::Kind::kUint32 || kind == nb::Kind::kInt32) return 32;
  return 64;
}

Constant from_value(const nb::Value& value) {
  const nb::Type& type = value.type();
  const nb::Kind kind = value.kind();
  if (kind == nb::Kind::kBool) return {value.as_bool(), type};
  if (kind == nb::Kind::kString) return {value.as_string(), type};
  if (type.is_bytes()) return {std::string(nb::as_text(value.as_bytes())), type};
  // GMP takes `unsigned long`, which is 64 bits wide on the platforms we know.
  if (is_unsigned(kind)) return {mpz_class(static_cast<unsigned long>(value.as_unsigned())), type};
  if (is_integer(kind)) return {mpz_class(static_cast<long>(value.as_signed())), type};
  if (is_float(kind)) return {mpq_class(value.as_float()), type};
  return {value, type};
}

std::string category(const Constant& constant) {
  if (constant.type) return "`" + model::spell(*constant.type) + "`";
  return std::visit(Overload{
                        [](bool) { return std::string("an untyped boolean"); },
                        [](const std::string&) { return std::string("an untyped string"); },
                        [](const mpz_class&) { return std::string("an untyped integer"); },
                        [](const mpq_class&) { return std::string("an untyped rational"); },
                        [](const nb::Value&) { return std::string("a value"); },
                    },
                    constant.form);
}

std::string describe(const Constant& constant) {
  if (const auto* value = std::get_if<nb::Value>(&constant.form)) {
    if (value->kind() == nb::Kind::kEnum) {
      return "`" + model::spell(value->type()) + "." + std::string(value->label()) + "`";
    }
    if (value->kind() == nb::Kind::kAny && value->is_nil()) return "`nil`";
    return "value of type `" + model::spell(value->type()) + "`";
  }
  const std::string text = std::visit(
      Overload{
          [](bool b) { return std::string(b ? "`true`" : "`false`"); },
          [](const std::string& s) { return is_valid_utf8_start(s) ? quote(s) : std::to_string(s.size()) + " bytes"; },
          [](const mpz_class& n) { return spell(n); },
          [](const mpq_class& n) { return spell(n); },
          [](const nb::Value&) { return std::string(); },
      },
      constant.form);
  return constant.type ? text + " of type `" + model::spell(*constant.type) + "`" : text;
}

std::string_view usual_type(const Constant& constant) {
  return std::holds_alternative<mpq_class>(constant.form) ? "float64" : "int32";
}

}  // namespace vdlc::passes

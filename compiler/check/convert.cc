#include "check/convert.h"

#include "check/numbers.h"
#include "check/walk.h"
#include "model/print.h"

namespace vdlc::passes {
namespace {

using Fault = ConversionFault;

ConversionFailure fail(Fault fault, std::string reason) { return {fault, std::move(reason)}; }

std::string quoted(const nb::Type& type) { return "`" + model::spell(type) + "`"; }

// "cannot convert at [0]: …" without what our own message says already.
std::string reason_of(const nb::Error& error) {
  std::string_view text = error.message();
  for (const std::string_view start : {"cannot convert: ", "cannot convert "}) {
    if (text.starts_with(start)) return std::string(text.substr(start.size()));
  }
  return std::string(text);
}

ConversionFailure wrong_kind(const Constant& constant, const nb::Type& target) {
  return fail(Fault::kKind,
              category(constant) + " does not convert to the kind " + std::string(to_string(target.kind())));
}

Converted to_any(const Constant& constant) {
  auto finished = finish(constant);
  if (auto* failure = std::get_if<ConversionFailure>(&finished)) return std::move(*failure);
  Constant result{nb::Value::any(std::move(std::get<nb::Value>(finished))), nb::Type::any()};
  result.weight = constant.weight + 1;
  result.depth = constant.depth + 1;
  return result;
}

Converted convert_number(const Constant& constant, const nb::Type& target) {
  const auto* integer = std::get_if<mpz_class>(&constant.form);
  const auto* rational = std::get_if<mpq_class>(&constant.form);
  if (is_float(target.kind())) {
    auto rounded = to_float(integer ? mpq_class(*integer) : *rational, target.kind());
    if (auto* failure = std::get_if<ConversionFailure>(&rounded)) return std::move(*failure);
    return Constant{std::get<mpq_class>(std::move(rounded)), target};
  }
  if (!is_integer(target.kind())) return wrong_kind(constant, target);
  if (rational && rational->get_den() != 1) return fail(Fault::kNotIntegral, "it is not an integer");
  const mpz_class& number = integer ? *integer : rational->get_num();
  if (!fits(number, target.kind())) {
    return fail(Fault::kRange, "it is out of the range of " + std::string(to_string(target.kind())));
  }
  return Constant{number, target};
}

Converted convert_value(const nb::Value& value, const Constant& constant, const nb::Type& target) {
  if (!nb::compatible(value.type(), target)) {
    return fail(Fault::kKind, quoted(value.type()) + " and " + quoted(target) + " are not compatible");
  }
  auto converted = nb::convert(value, target);
  if (!converted) return fail(Fault::kValue, reason_of(converted.error()));
  Constant result = from_value(*converted);
  result.weight = constant.weight;
  result.depth = constant.depth + 1;
  return result;
}

}  // namespace

bool fits(const mpz_class& number, nb::Kind kind) {
  const unsigned bits = bits_of(kind);
  if (is_unsigned(kind)) return number >= 0 && mpz_sizeinbase(number.get_mpz_t(), 2) <= bits;
  const mpz_class limit = mpz_class(1) << (bits - 1);
  return number >= -limit && number < limit;
}

std::variant<mpq_class, ConversionFailure> to_float(const mpq_class& number, nb::Kind kind) {
  const bool is_single = kind == nb::Kind::kFloat32;
  const std::string name(to_string(kind));
  switch (is_single ? range_in_float32(number) : range_in_float64(number)) {
    case FloatRange::kTooLarge:
      return fail(Fault::kRange, "it is too large for " + name);
    case FloatRange::kTooSmall:
      return fail(Fault::kRange, "it is not zero and too small for " + name);
    case FloatRange::kFits:
      break;
  }
  return mpq_class(is_single ? round_to_float32(number) : round_to_float64(number));
}

Converted convert(const Constant& constant, const nb::Type& target) {
  if (target.kind() == nb::Kind::kAny) return to_any(constant);
  if (const auto* value = std::get_if<nb::Value>(&constant.form)) return convert_value(*value, constant, target);
  if (constant.is_number()) return convert_number(constant, target);
  if (const auto* boolean = std::get_if<bool>(&constant.form)) {
    if (target.kind() != nb::Kind::kBool) return wrong_kind(constant, target);
    return Constant{*boolean, target};
  }
  if (target.kind() != nb::Kind::kString && !target.is_bytes()) return wrong_kind(constant, target);
  Constant result = constant;
  result.type = target;
  return result;
}

Finished finish(const Constant& constant) {
  if (constant.is_untyped() && constant.is_number()) {
    return fail(Fault::kUntypedNumber, describe(constant) + " is an untyped number");
  }
  const nb::Type type = constant.type
                            ? *constant.type
                            : (std::holds_alternative<bool>(constant.form) ? nb::Type::boolean() : nb::Type::string());
  if (const auto* text = std::get_if<std::string>(&constant.form)) {
    if (!type.is_bytes()) return nb::Value::string(*text, type);
    if (type.kind() == nb::Kind::kArray && text->size() != type.len()) {
      return fail(Fault::kLength,
                  "it has " + std::to_string(text->size()) + " bytes, not " + std::to_string(type.len()));
    }
    const auto bytes = nb::as_bytes(*text);
    return nb::Value::bytes(nb::Bytes(bytes.begin(), bytes.end()), type);
  }
  return std::visit(Overload{
                        [&](bool b) { return nb::Value::boolean(b, type); },
                        [&](const std::string& s) { return nb::Value::string(s, type); },
                        [&](const mpz_class& n) {
                          return is_unsigned(type.kind()) ? nb::Value::unsigned_number(n.get_ui(), type)
                                                          : nb::Value::signed_number(n.get_si(), type);
                        },
                        [&](const mpq_class& n) { return nb::Value::floating(n.get_d(), type); },
                        [](const nb::Value& v) { return v; },
                    },
                    constant.form);
}

Finished assign(const Constant& constant, const nb::Type& target) {
  if (constant.is_untyped() && target.kind() != nb::Kind::kAny) {
    auto converted = convert(constant, target);
    if (auto* failure = std::get_if<ConversionFailure>(&converted)) return std::move(*failure);
    return finish(std::get<Constant>(converted));
  }
  auto finished = finish(constant);
  auto* value = std::get_if<nb::Value>(&finished);
  if (value == nullptr || value->type() == target) return finished;
  const nb::Type type = value->type();
  if (target.kind() == nb::Kind::kAny) return nb::Value::any(std::move(*value));
  if (target.kind() == nb::Kind::kOptional) {
    if (type == target.elem()) return nb::Value::some(std::move(*value), target);
    if (type.kind() == nb::Kind::kAny && value->is_nil()) return nb::Value(target);
  }
  if (type.kind() == nb::Kind::kOptional && type.elem() == target && !value->is_nil()) return nb::Value(value->elem());
  return fail(Fault::kKind, "its type is " + quoted(type));
}

}  // namespace vdlc::passes

// A constant while it is computed: untyped and exact, or of a VDL type (docs/spec/vdl-language.md 3.9.1).
//
//   kind of type          held as         note
//   bool                  bool
//   string, bytes         std::string     a byte array may have another length than its type until it is final
//   integer               mpz_class       in the range of its type
//   float                 mpq_class       exactly what the float holds
//   everything else       nb::Value       complete
#pragma once

#include <gmpxx.h>
#include <nb/vdl/value.h>

#include <optional>
#include <string>
#include <variant>

namespace vdlc::passes {

struct Constant {
  using Form = std::variant<bool, std::string, mpz_class, mpq_class, nb::Value>;

  Form form;
  std::optional<nb::Type> type;  // none: untyped
  // What copying it costs and how deep it is nested; see caps.h.
  std::uint64_t weight = 1;
  std::uint32_t depth = 1;

  bool is_untyped() const { return !type; }
  bool is_number() const { return std::holds_alternative<mpz_class>(form) || std::holds_alternative<mpq_class>(form); }
};

bool is_integer(nb::Kind kind);
bool is_float(nb::Kind kind);
inline bool is_number(nb::Kind kind) { return is_integer(kind) || is_float(kind); }
bool is_unsigned(nb::Kind kind);
// Width in bits of an integer kind.
unsigned bits_of(nb::Kind kind);

// A finished value as a constant, in the form of the table above.
Constant from_value(const nb::Value& value);

// For messages: "integer 7", "string", "`int32` 7"; never longer than a line.
std::string describe(const Constant& constant);
// Only the sort: "untyped integer", "`calc.Point`".
std::string category(const Constant& constant);

// The type to propose for an untyped number: "int32", "float64".
std::string_view usual_type(const Constant& constant);

}  // namespace vdlc::passes

// Value: any VDL value whose type is known only at run time. Constants in the compiler, values inside `any`, arguments
// of dynamic calls. Programs with generated code rarely need it.
//
// A Value always has a type and is complete: parts that were not set are zero (docs/spec/vdl-language.md 3.5). It owns
// everything in it, copies deeply (parts may be shared inside, unobservably), compares by content
// (docs/spec/vom.md 8.2) and is as thread-safe as an int. Asking for the wrong kind is a bug and stops the program; ask
// kind() first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/vdl/type.h>

namespace nb {

class Value {
 public:
  Value();                    // any(nil)
  explicit Value(Type type);  // the zero value of `type`
  ~Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;

  static Value boolean(bool v, Type type = Type::boolean());
  static Value unsigned_number(std::uint64_t v, Type type);  // byte, uint16, uint32, uint64 kinds; must fit
  static Value signed_number(std::int64_t v, Type type);     // int8 … int64 kinds; must fit
  static Value floating(double v, Type type);                // float32 rounds
  static Value string(std::string v, Type type = Type::string());
  static Value bytes(Bytes v, Type type);                  // byte list, or byte array of exactly that length
  static Value enumeration(std::size_t label, Type type);  // index must exist
  static Value type_object(Type v);
  static Value some(Value v, Type optional_type);  // a present optional
  static Value any(Value v);                       // any holding v; any(any(x)) is any(x)
  static Value union_of(std::size_t field, Value v, Type type);

  const Type& type() const;
  Kind kind() const { return type().kind(); }

  // Scalars.
  bool as_bool() const;
  std::uint64_t as_unsigned() const;
  std::int64_t as_signed() const;
  double as_float() const;
  const std::string& as_string() const;
  std::size_t as_enum() const;     // label index
  std::string_view label() const;  // enum
  const Type& as_type() const;     // typeobject
  const Bytes& as_bytes() const;   // byte list, byte array (is_bytes())

  // array, list, set, map: number of elements; bytes too.
  std::size_t size() const;
  // array, list (also of bytes): element. set: key number i in the order of insertion. map: see below.
  Value at(std::size_t i) const;
  void set_at(std::size_t i, Value v);        // array, list; v has the element type exactly
  void append(Value v);                       // list
  void resize(std::size_t n);                 // list; new elements are zero
  bool insert(Value key);                     // set; false if it was there
  bool insert(Value key, Value elem);         // map; replaces; false if the key was there
  Value key_at(std::size_t i) const;          // set, map
  Value elem_at(std::size_t i) const;         // map
  const Value* find(const Value& key) const;  // map: element or null; set: the key itself or null

  // The same without copying: an element of an array or list that is not of bytes, a key of a set or map; the element
  // of a map. Valid until the value changes.
  const Value& item(std::size_t i) const;
  const Value& map_item(std::size_t i) const;

  // struct.
  const Value& field(std::size_t i) const;
  void set_field(std::size_t i, Value v);  // v has the field's type exactly
  // union.
  std::size_t union_index() const;
  const Value& union_value() const;
  // optional, any.
  bool is_nil() const;
  const Value& elem() const;  // not nil

  bool is_zero() const;  // docs/spec/vom.md 8.1

  // VDL literal: `calc.Point{X: 1, Y: 2}`, `int32(7)`; stable, for messages and tests.
  std::string to_string() const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Rep;
  struct Text;
  struct Raw;
  struct TypeHolder;
  struct Items;
  struct Entries;

  void clear();
  bool is_scalar() const;  // held in bits_
  const Items* items() const;
  Items& own_items();  // of which this value is the only owner
  Entries& own_entries();
  const Value& single() const;
  static void release(Rep* rep);

  Type type_;
  union {
    std::uint64_t bits_;  // booleans, numbers, enums: the number, or the bits of a double
    Rep* rep_;            // everything else; null for empty and nil. Shared: nobody changes what has two owners
  };
};

// Are values of the two types convertible at all (docs/spec/vom.md 11.1)?
bool compatible(const Type& a, const Type& b);

// `v` as a value of `target`, by the rules of docs/spec/vom.md 11.2 and 11.3: nothing is lost silently.
// The error (verror.BadArg) names the path inside the value, both types and the reason.
// Fails too when the result takes more memory than about `max_bytes`; parts of values from outside may be shared.
Result<Value> convert(const Value& v, const Type& target, std::uint64_t max_bytes = UINT64_MAX);

}  // namespace nb

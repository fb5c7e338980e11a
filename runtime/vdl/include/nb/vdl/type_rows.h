// TypeTable: the types of a package, written down as constant rows by generated code and built on first use.
//
//   constexpr nb::FieldRow kFields0[] = {{"X", 1}, {"Y", 1}};
//   constexpr nb::TypeRow kTypes[] = {
//       nb::TypeRow::structure("calc.Point", kFields0),      // 0
//       nb::TypeRow::external(&nb::Codec<double>::type),     // 1
//   };
//   const nb::TypeTable& types() { static const nb::TypeTable table(kTypes); return table; }
//
// Rows refer to each other by index, in any order, also recursively. A row that breaks a rule of docs/spec/vom.md 10.3
// is a bug of the compiler and stops the program. `external` functions must not lead back to the same table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <nb/vdl/type.h>

namespace nb {

struct FieldRow {
  std::string_view name;
  std::uint32_t type;  // row
};

struct TypeRow {
  Kind kind = Kind::kAny;
  std::string_view name;                          // "" for an unnamed type
  std::uint32_t elem = 0;                         // row; for `base` the base
  std::uint32_t key = 0;                          // row
  std::uint64_t len = 0;                          // array
  std::span<const FieldRow> fields = {};          // struct, union
  std::span<const std::string_view> labels = {};  // enum
  Type (*external_type)() = nullptr;
  bool is_base = false;

  static constexpr TypeRow external(Type (*type)()) {
    TypeRow row;
    row.external_type = type;
    return row;
  }
  // `type name Base`: the structure of another row under a name of its own.
  static constexpr TypeRow named(std::string_view name, std::uint32_t base) {
    TypeRow row;
    row.name = name;
    row.elem = base;
    row.is_base = true;
    return row;
  }
  static constexpr TypeRow enumeration(std::string_view name, std::span<const std::string_view> labels) {
    TypeRow row = make(Kind::kEnum, name);
    row.labels = labels;
    return row;
  }
  static constexpr TypeRow array(std::string_view name, std::uint64_t len, std::uint32_t elem) {
    TypeRow row = make(Kind::kArray, name, elem);
    row.len = len;
    return row;
  }
  static constexpr TypeRow list(std::string_view name, std::uint32_t elem) { return make(Kind::kList, name, elem); }
  static constexpr TypeRow set(std::string_view name, std::uint32_t key) { return make(Kind::kSet, name, 0, key); }
  static constexpr TypeRow map(std::string_view name, std::uint32_t key, std::uint32_t elem) {
    return make(Kind::kMap, name, elem, key);
  }
  static constexpr TypeRow optional(std::uint32_t elem) { return make(Kind::kOptional, "", elem); }
  static constexpr TypeRow structure(std::string_view name, std::span<const FieldRow> fields) {
    TypeRow row = make(Kind::kStruct, name);
    row.fields = fields;
    return row;
  }
  static constexpr TypeRow union_of(std::string_view name, std::span<const FieldRow> fields) {
    TypeRow row = make(Kind::kUnion, name);
    row.fields = fields;
    return row;
  }

 private:
  static constexpr TypeRow make(Kind kind, std::string_view name, std::uint32_t elem = 0, std::uint32_t key = 0) {
    TypeRow row;
    row.kind = kind;
    row.name = name;
    row.elem = elem;
    row.key = key;
    return row;
  }
};

class TypeTable {
 public:
  explicit TypeTable(std::span<const TypeRow> rows);
  const Type& operator[](std::size_t row) const { return types_[row]; }

 private:
  std::vector<Type> types_;
};

}  // namespace nb

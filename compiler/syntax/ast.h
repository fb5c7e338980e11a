// The syntax tree of one .vdl file: plain structs with spans, no parser type in them, nothing resolved yet
// (grammar: docs/spec/vdl-language.md section 2).
//
// Types and expressions live in two vectors of their File and refer to each other by small ids, so that a tree of any
// depth is built, copied and destroyed without recursion. Nodes are stored children first: an id is smaller than its
// parent's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "source/source.h"

namespace vdlc::ast {

enum class TypeId : std::uint32_t {};
enum class ExprId : std::uint32_t {};

struct Ident {
  std::string text;
  Span span;
};

struct StringLit {
  std::string value;  // unescaped bytes
  Span span;
};

// Comments attached to a definition, verbatim with their markers (docs/spec/vdl-language.md 1.7).
struct Docs {
  std::string leading;  // ends with a newline, or ""
  std::string suffix;   // begins with a space, or ""
};

// a, a.b, "path".a.b
struct NameRef {
  std::optional<StringLit> path;
  std::vector<Ident> parts;  // at least one
  Span span;
};

// ---- types -----------------------------------------------------------------------------------------------------
struct NamedType {
  NameRef name;
};                         // also built-in names
struct ErrorType {};       // the keyword `error`
struct TypeObjectType {};  // the keyword `typeobject`
struct Label {
  Ident name;
  Docs docs;
};
struct EnumType {
  std::vector<Label> labels;
};
struct ArrayType {
  std::string length;
  Span length_span;
  TypeId elem;
};  // length: the literal as written
struct ListType {
  TypeId elem;
};
struct SetType {
  TypeId key;
};
struct MapType {
  TypeId key;
  TypeId elem;
};
struct Field {
  Ident name;
  TypeId type;
  Docs docs;
};  // `A, B T` is two fields with the same TypeId
struct StructType {
  std::vector<Field> fields;
};
struct UnionType {
  std::vector<Field> fields;
};
struct OptionalType {
  TypeId elem;
};

struct Type {
  Span span;
  std::variant<NamedType, ErrorType, TypeObjectType, EnumType, ArrayType, ListType, SetType, MapType, StructType,
               UnionType, OptionalType>
      form;
};

// ---- expressions -----------------------------------------------------------------------------------------------
struct IntegerLit {
  std::string text;
};  // as written; well-formed (the lexer has reported LX6 otherwise)
struct RationalLit {
  std::string text;
};  // as written; well-formed
struct StringExpr {
  std::string value;
};  // unescaped
struct NameExpr {
  NameRef name;
};
struct IndexExpr {
  NameRef name;
  ExprId index;
};  // k[i]
enum class UnaryOp { kNot, kPlus, kMinus, kComplement };
struct UnaryExpr {
  UnaryOp op;
  Span op_span;
  ExprId operand;
};
enum class BinaryOp {
  kOr,
  kAnd,
  kLess,
  kGreater,
  kLessEqual,
  kGreaterEqual,
  kNotEqual,
  kEqual,
  kAdd,
  kSubtract,
  kBitOr,
  kBitXor,
  kMultiply,
  kDivide,
  kModulo,
  kBitAnd,
  kShiftLeft,
  kShiftRight,
};
struct BinaryExpr {
  BinaryOp op;
  Span op_span;
  ExprId left;
  ExprId right;
};
struct ConversionExpr {
  TypeId type;
  ExprId operand;
};  // T(x)
struct TypeObjectExpr {
  TypeId type;
};  // typeobject(T)
struct KeyValue {
  std::optional<ExprId> key;
  ExprId value;
  Span span;
};
struct CompositeLit {
  std::optional<TypeId> type;
  std::vector<KeyValue> entries;
};

struct Expr {
  Span span;  // parentheses around an expression leave no trace in the tree
  std::variant<IntegerLit, RationalLit, StringExpr, NameExpr, IndexExpr, UnaryExpr, BinaryExpr, ConversionExpr,
               TypeObjectExpr, CompositeLit>
      form;
};

// ---- definitions -----------------------------------------------------------------------------------------------
struct Import {
  std::optional<Ident> alias;
  StringLit path;
  Span span;
};

struct TypeDef {
  Ident name;
  TypeId type;
  Docs docs;
};
struct ConstDef {
  Ident name;
  ExprId value;
  Docs docs;
};

// One argument, result or error parameter; the name is absent where only a type was written.
struct Arg {
  std::optional<Ident> name;
  TypeId type;
};

struct ErrorFormat {
  StringLit language;
  StringLit format;
};
struct ErrorDef {
  Ident name;
  std::vector<Arg> params;
  std::vector<Ident> actions;  // normally none or one; more is ER5
  std::vector<ErrorFormat> formats;
  Docs docs;
};

// `stream<In, Out>`; `_` stays an ordinary name here and the legalizer turns it into "none".
struct Stream {
  std::optional<TypeId> in;
  std::optional<TypeId> out;
  Span span;
};

struct Method {
  Ident name;
  std::vector<Arg> in_args;
  std::vector<Arg> out_args;     // without the final error
  std::optional<Stream> stream;  // absent too when neither direction has a type
  std::vector<ExprId> tags;
  Docs docs;
};

struct Embed {
  NameRef name;
  Docs docs;
};

struct Interface {
  Ident name;
  std::vector<Embed> embeds;    // in source order
  std::vector<Method> methods;  // in source order
  Docs docs;
};

struct File {
  FileId id{};
  std::string base_name;  // "calc.vdl"
  Ident package;          // name in the package clause; "config" for a config file
  Docs package_docs;
  std::string file_doc;  // ends with a newline, or ""
  std::vector<Import> imports;
  std::vector<TypeDef> type_defs;
  std::vector<ConstDef> const_defs;
  std::vector<ErrorDef> error_defs;
  std::vector<Interface> interfaces;
  std::optional<ExprId> config;  // `config = …`

  std::vector<Type> types;
  std::vector<Expr> exprs;

  const Type& type(TypeId id) const { return types[static_cast<std::size_t>(id)]; }
  const Expr& expr(ExprId id) const { return exprs[static_cast<std::size_t>(id)]; }
};

// All files of one package, sorted by base name.
struct Package {
  std::string path;      // import path: "v.io/v23/naming", "time"
  std::string name;      // from the package clauses
  std::string gen_path;  // "v.io/v23/vdlroot/time" for standard packages, else path
  std::vector<File> files;
};

}  // namespace vdlc::ast

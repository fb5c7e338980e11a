// Type: a VDL type at run time (docs/spec/vom.md section 10, docs/spec/vdl-language.md 3.5 to 3.7).
//
// A Type is a cheap handle to an interned, immutable description. Types that programs name live in one process-wide
// store for ever; types that arrive from a peer live in the TypeStore of their connection, refer to the program's own
// where they are equal, and go when the last handle to their store goes. Two handles are equal exactly when the types
// have the same unique string. All functions are safe from any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>

namespace nb {

// In the order in which diagnostics and tables list them; not a wire number.
enum class Kind : std::uint8_t {
  kAny,
  kBool,
  kByte,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat32,
  kFloat64,
  kString,
  kEnum,
  kTypeObject,
  kArray,
  kList,
  kSet,
  kMap,
  kStruct,
  kUnion,
  kOptional,
};

// "bool", "list", …: the VDL word for the kind.
std::string_view to_string(Kind kind);

struct TypeNode;  // private to the vdl layer
struct TypeField;

class Type {
 public:
  Type();  // the type any, which is also the zero value of typeobject
  ~Type();
  Type(const Type&);
  Type(Type&&) noexcept;
  Type& operator=(const Type&);
  Type& operator=(Type&&) noexcept;

  Kind kind() const;
  std::string_view name() const;                  // full ("calc.Point"), or "" for an unnamed type
  Type elem() const;                              // array, list, map, optional; a bug for other kinds
  Type key() const;                               // set, map
  std::uint64_t len() const;                      // array: number of elements
  std::span<const std::string> labels() const;    // enum
  std::span<const TypeField> fields() const;      // struct, union
  int field_index(std::string_view name) const;   // struct, union; -1 if there is no such field
  int label_index(std::string_view label) const;  // enum; -1 if there is no such label

  // The unique string of docs/spec/vom.md 10.2. May be long; not cached.
  std::string to_string() const;

  // Reachability, computed when the type was interned.
  bool contains_any() const;
  bool contains_type_object() const;
  bool can_be_key() const;
  bool is_bytes() const;  // a list or array whose elements have kind byte

  // Size of the zero value without anything behind pointers, roughly; saturates. Large arrays multiply here.
  std::uint64_t inline_bytes() const;
  // How many types stand inside each other at most, not following a cycle.
  std::uint32_t depth() const;
  // The same for all types that lead to each other, null for a type that does not lead back to itself.
  const TypeNode* circle() const;
  // Equal types have equal hashes, in whichever store they live.
  std::uint64_t hash() const;

  // Unnamed built-in types.
  static Type any();
  static Type type_object();
  static Type boolean();
  static Type byte();
  static Type uint16();
  static Type uint32();
  static Type uint64();
  static Type int8();
  static Type int16();
  static Type int32();
  static Type int64();
  static Type float32();
  static Type float64();
  static Type string();
  static Type error();  // ?v.io/v23/vdl.WireError

  // Unnamed composites. The parts must be valid there (docs/spec/vom.md 10.3); that is checked as our own bug, so use
  // TypeBuilder for anything that comes from outside. A composite of a connection's type lives with that connection.
  static Type list(const Type& elem);
  static Type set(const Type& key);
  static Type map(const Type& key, const Type& elem);
  static Type optional(const Type& elem);

  friend bool operator==(const Type& a, const Type& b);

  // For the vdl layer and for hash tables keyed by identity.
  const TypeNode* node() const { return node_; }
  explicit Type(const TypeNode* node);

 private:
  const TypeNode* node_;
};

struct TypeField {
  std::string name;
  Type type;
};

// Where types live; see <nb/vdl/type_store.h>.
class TypeStore;
struct TypeStoreState;  // private to the vdl layer

// Builds a group of types that may refer to each other, and interns it at once.
//
//   TypeBuilder b;
//   auto node = b.named("p.Node");               // a placeholder
//   b.set_struct(node, {{"Next", b.optional(node)}, {"Value", b.ref(Type::int32())}});
//   Result<std::vector<Type>> types = b.build(); // in the order in which placeholders were made
//
// build() checks every rule of docs/spec/vom.md 10.3 and says which type breaks which rule; nothing is interned then.
class TypeBuilder {
 public:
  using Ref = std::uint32_t;  // names a placeholder of this builder

  TypeBuilder();  // for the program's store
  explicit TypeBuilder(TypeStore& store);
  explicit TypeBuilder(TypeStoreState& store);  // for the vdl layer
  ~TypeBuilder();
  TypeBuilder(const TypeBuilder&) = delete;
  TypeBuilder& operator=(const TypeBuilder&) = delete;

  Ref ref(const Type& type);    // an existing type
  Ref named(std::string name);  // a placeholder with a name; "" for an unnamed one
  // Give a placeholder its structure, once.
  void set_base(Ref placeholder, Ref base);  // `type A B`: the structure of B under A's name
  void set_enum(Ref placeholder, std::vector<std::string> labels);
  void set_array(Ref placeholder, std::uint64_t len, Ref elem);
  void set_list(Ref placeholder, Ref elem);
  void set_set(Ref placeholder, Ref key);
  void set_map(Ref placeholder, Ref key, Ref elem);
  void set_optional(Ref placeholder, Ref elem);
  struct Field {
    std::string name;
    Ref type;
  };
  void set_struct(Ref placeholder, std::vector<Field> fields);
  void set_union(Ref placeholder, std::vector<Field> fields);
  // Unnamed composites of placeholders, for convenience.
  Ref list(Ref elem);
  Ref set(Ref key);
  Ref map(Ref key, Ref elem);
  Ref optional(Ref elem);

  // All placeholders in the order in which they were made (those of list(), set(), … included).
  // On failure the error's id is "v.io/v23/verror.BadArg" and the message names the type and the rule.
  Result<std::vector<Type>> build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nb

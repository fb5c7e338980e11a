#include <nb/vdl/type.h>

#include <array>
#include <set>
#include <utility>

#include <nb/base/check.h>

#include "vdl/type_node.h"
#include "vdl/type_store.h"

namespace nb {

namespace {

constexpr int kKinds = static_cast<int>(Kind::kOptional) + 1;

constexpr std::string_view kKindNames[kKinds] = {
    "any",     "bool",   "byte", "uint16",     "uint32", "uint64", "int8", "int16", "int32",  "int64", "float32",
    "float64", "string", "enum", "typeobject", "array",  "list",   "set",  "map",   "struct", "union", "optional"};

std::array<TypeNode, kKinds>& make_built_in() {
  auto& nodes = *new std::array<TypeNode, kKinds>();
  for (int i = 0; i < kKinds; ++i) {
    auto& node = nodes[static_cast<std::size_t>(i)];
    node.kind = static_cast<Kind>(i);
    node.contains_any = node.kind == Kind::kAny;
    node.contains_type_object = node.kind == Kind::kTypeObject;
    node.can_be_key = node.kind != Kind::kAny && node.kind != Kind::kTypeObject;
    node.inline_bytes = 16;
    node.hash = 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(i + 1);
  }
  return nodes;
}

}  // namespace

namespace vdl {

bool is_built_in(Kind kind) { return kind <= Kind::kString || kind == Kind::kTypeObject; }

const TypeNode* built_in(Kind kind) {
  static const auto& nodes = make_built_in();
  return &nodes[static_cast<std::size_t>(kind)];
}

namespace {

class Speller {
 public:
  explicit Speller(std::size_t limit) : limit_(limit) {}
  std::string take() && { return std::move(text_); }

  void type(const TypeNode* node) {
    if (text_.size() > limit_) {
      if (!cut_) text_ += "...";
      cut_ = true;
      return;
    }
    if (!node->name.empty()) {
      text_ += node->name;
      if (!met_.insert(node).second) return;
      text_ += ' ';
    }
    base(node);
  }

 private:
  void base(const TypeNode* node) {
    switch (node->kind) {
      case Kind::kOptional:
        text_ += '?';
        return type(node->elem);
      case Kind::kEnum: {
        text_ += "enum{";
        const char* separator = "";
        for (const auto& label : node->labels) {
          text_.append(separator).append(label);
          separator = ";";
        }
        text_ += '}';
        return;
      }
      case Kind::kArray:
        text_ += '[' + std::to_string(node->len) + ']';
        return type(node->elem);
      case Kind::kList:
        text_ += "[]";
        return type(node->elem);
      case Kind::kSet:
        text_ += "set[";
        type(node->key);
        text_ += ']';
        return;
      case Kind::kMap:
        text_ += "map[";
        type(node->key);
        text_ += ']';
        return type(node->elem);
      case Kind::kStruct:
      case Kind::kUnion: {
        text_ += node->kind == Kind::kStruct ? "struct{" : "union{";
        const char* separator = "";
        for (const auto& field : node->fields) {
          if (cut_) return;
          text_.append(separator).append(field.name).append(" ");
          type(field.type.node());
          separator = ";";
        }
        text_ += '}';
        return;
      }
      case Kind::kAny:
      case Kind::kBool:
      case Kind::kByte:
      case Kind::kUint16:
      case Kind::kUint32:
      case Kind::kUint64:
      case Kind::kInt8:
      case Kind::kInt16:
      case Kind::kInt32:
      case Kind::kInt64:
      case Kind::kFloat32:
      case Kind::kFloat64:
      case Kind::kString:
      case Kind::kTypeObject:
        text_ += to_string(node->kind);
        return;
    }
  }

  std::size_t limit_;
  std::string text_;
  std::set<const TypeNode*> met_;
  bool cut_ = false;
};

// Equality of types of different stores. All pairs met so far are assumed equal until one is found that is not.
bool same_structure(const TypeNode* a, const TypeNode* b) {
  std::set<std::pair<const TypeNode*, const TypeNode*>> assumed;
  std::vector<std::pair<const TypeNode*, const TypeNode*>> open;
  const auto assume = [&](const TypeNode* x, const TypeNode* y) {
    if (x != y && assumed.emplace(x, y).second) open.emplace_back(x, y);
  };
  assume(a, b);
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    if (x->hash != y->hash || x->kind != y->kind || x->name != y->name || x->len != y->len || x->labels != y->labels ||
        x->fields.size() != y->fields.size()) {
      return false;
    }
    if (x->key) assume(x->key, y->key);
    if (x->elem) assume(x->elem, y->elem);
    for (std::size_t i = 0; i < x->fields.size(); ++i) {
      if (x->fields[i].name != y->fields[i].name) return false;
      assume(x->fields[i].type.node(), y->fields[i].type.node());
    }
  }
  return true;
}

}  // namespace

std::string spell(const Type& type, std::size_t limit) {
  Speller speller(limit);
  speller.type(type.node());
  return std::move(speller).take();
}

Type unnamed_array(std::uint64_t len, const Type& elem) {
  TypeBuilder builder;
  builder.set_array(builder.named(""), len, builder.ref(elem));
  auto built = builder.build();
  NB_CHECK(built, "an array is made of a valid element type");
  return (*built)[0];
}

}  // namespace vdl

std::string_view to_string(Kind kind) { return kKindNames[static_cast<int>(kind)]; }

Type::Type() : node_(vdl::built_in(Kind::kAny)) {}
Type::Type(const TypeNode* node) : node_(node) {
  if (node_->store) node_->store->add_reference();
}
Type::Type(const Type& other) : Type(other.node_) {}
Type::Type(Type&& other) noexcept : node_(std::exchange(other.node_, vdl::built_in(Kind::kAny))) {}
Type::~Type() {
  if (node_->store) node_->store->drop_reference();
}
Type& Type::operator=(const Type& other) {
  Type copy(other);
  std::swap(node_, copy.node_);
  return *this;
}
Type& Type::operator=(Type&& other) noexcept {
  std::swap(node_, other.node_);
  return *this;
}

Kind Type::kind() const { return node_->kind; }
std::string_view Type::name() const { return node_->name; }
Type Type::elem() const {
  NB_CHECK(node_->elem, "only arrays, lists, maps and optionals have an element type");
  return Type(node_->elem);
}
Type Type::key() const {
  NB_CHECK(node_->key, "only sets and maps have a key type");
  return Type(node_->key);
}
std::uint64_t Type::len() const { return node_->len; }
std::span<const std::string> Type::labels() const { return node_->labels; }
std::span<const TypeField> Type::fields() const { return node_->fields; }

int Type::field_index(std::string_view name) const {
  if (node_->by_name) {
    const auto found = node_->by_name->find(name);
    return found == node_->by_name->end() ? -1 : found->second;
  }
  for (std::size_t i = 0; i < node_->fields.size(); ++i) {
    if (node_->fields[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int Type::label_index(std::string_view label) const {
  if (node_->by_name) {
    const auto found = node_->by_name->find(label);
    return found == node_->by_name->end() ? -1 : found->second;
  }
  for (std::size_t i = 0; i < node_->labels.size(); ++i) {
    if (node_->labels[i] == label) return static_cast<int>(i);
  }
  return -1;
}

std::string Type::to_string() const { return vdl::spell(*this, 1u << 20); }

bool Type::contains_any() const { return node_->contains_any; }
bool Type::contains_type_object() const { return node_->contains_type_object; }
bool Type::can_be_key() const { return node_->can_be_key; }
bool Type::is_bytes() const {
  return (node_->kind == Kind::kList || node_->kind == Kind::kArray) && node_->elem->kind == Kind::kByte;
}
std::uint64_t Type::inline_bytes() const { return node_->inline_bytes; }
std::uint32_t Type::depth() const { return node_->depth; }
const TypeNode* Type::circle() const { return node_->circle; }
std::uint64_t Type::hash() const { return node_->hash; }

bool operator==(const Type& a, const Type& b) {
  const TypeNode* x = a.node_;
  const TypeNode* y = b.node_;
  if (x == y) return true;
  if (x->hash != y->hash || x->store == y->store) return false;
  return vdl::same_structure(x, y);
}

Type Type::any() { return Type(); }
Type Type::type_object() { return Type(vdl::built_in(Kind::kTypeObject)); }
Type Type::boolean() { return Type(vdl::built_in(Kind::kBool)); }
Type Type::byte() { return Type(vdl::built_in(Kind::kByte)); }
Type Type::uint16() { return Type(vdl::built_in(Kind::kUint16)); }
Type Type::uint32() { return Type(vdl::built_in(Kind::kUint32)); }
Type Type::uint64() { return Type(vdl::built_in(Kind::kUint64)); }
Type Type::int8() { return Type(vdl::built_in(Kind::kInt8)); }
Type Type::int16() { return Type(vdl::built_in(Kind::kInt16)); }
Type Type::int32() { return Type(vdl::built_in(Kind::kInt32)); }
Type Type::int64() { return Type(vdl::built_in(Kind::kInt64)); }
Type Type::float32() { return Type(vdl::built_in(Kind::kFloat32)); }
Type Type::float64() { return Type(vdl::built_in(Kind::kFloat64)); }
Type Type::string() { return Type(vdl::built_in(Kind::kString)); }

namespace {

// Builds one unnamed type in the store where its parts live.
template <class Build>
Type compose(std::initializer_list<const TypeNode*> parts, Build build) {
  TypeStoreState* home = nullptr;
  for (const auto* part : parts) {
    if (!part->store) continue;
    NB_CHECK(!home || home == part->store, "a type is made of types of one connection");
    home = part->store;
  }
  const auto finish = [&](TypeBuilder& builder) {
    build(builder, builder.named(""));
    auto built = builder.build();
    NB_CHECK(built, "a composite is made of parts that are valid there");
    return (*built)[0];
  };
  if (!home) {
    TypeBuilder builder;
    return finish(builder);
  }
  TypeBuilder builder(*home);
  return finish(builder);
}

Type cached(const TypeNode* part, std::atomic<const TypeNode*>& cache, Type (*make)(const TypeNode*)) {
  if (const auto* known = cache.load(std::memory_order_acquire)) return Type(known);
  Type made = make(part);
  if (!part->store) cache.store(made.node(), std::memory_order_release);
  return made;
}

}  // namespace

Type Type::list(const Type& elem) {
  return cached(elem.node_, elem.node_->list_of, [](const TypeNode* part) {
    return compose({part}, [&](TypeBuilder& b, auto list) { b.set_list(list, b.ref(Type(part))); });
  });
}
Type Type::optional(const Type& elem) {
  return cached(elem.node_, elem.node_->optional_of, [](const TypeNode* part) {
    return compose({part}, [&](TypeBuilder& b, auto optional) { b.set_optional(optional, b.ref(Type(part))); });
  });
}
Type Type::set(const Type& key) {
  return compose({key.node_}, [&](TypeBuilder& b, auto set) { b.set_set(set, b.ref(key)); });
}
Type Type::map(const Type& key, const Type& elem) {
  return compose({key.node_, elem.node_}, [&](TypeBuilder& b, auto map) { b.set_map(map, b.ref(key), b.ref(elem)); });
}

Type Type::error() {
  static const Type error = [] {
    TypeBuilder b;
    const auto retry = b.named("v.io/v23/vdl.WireRetryCode");
    b.set_enum(retry, {"NoRetry", "RetryConnection", "RetryRefetch", "RetryBackoff"});
    const auto wire = b.named("v.io/v23/vdl.WireError");
    b.set_struct(wire, {{"Id", b.ref(Type::string())},
                        {"RetryCode", retry},
                        {"Msg", b.ref(Type::string())},
                        {"ParamList", b.list(b.ref(Type::any()))}});
    auto built = b.build();
    NB_CHECK(built, "the type of errors is valid");
    return Type::optional((*built)[1]);
  }();
  return error;
}

}  // namespace nb

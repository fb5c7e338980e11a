// What stands behind a Value that is not a scalar. Counted and shared between copies; whoever changes one makes sure
// that he is its only owner first (copy on write).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/vdl/value.h>

namespace nb {

namespace vdl {
// Which of the values' 64 bits mean what.
inline bool is_unsigned(Kind kind) { return kind >= Kind::kByte && kind <= Kind::kUint64; }
inline bool is_signed(Kind kind) { return kind >= Kind::kInt8 && kind <= Kind::kInt64; }
inline bool is_float(Kind kind) { return kind == Kind::kFloat32 || kind == Kind::kFloat64; }
}  // namespace vdl

struct Value::Rep {
  enum class Shape : std::uint8_t { kText, kRaw, kType, kItems, kEntries };
  explicit Rep(Shape shape) : shape(shape) {}
  Rep(const Rep& other) : shape(other.shape) {}

  const Shape shape;
  std::atomic<std::uint32_t> owners{1};
};

struct Value::Text : Rep {
  explicit Text(std::string text) : Rep(Shape::kText), text(std::move(text)) {}
  std::string text;
};

struct Value::Raw : Rep {
  explicit Raw(Bytes bytes) : Rep(Shape::kRaw), bytes(std::move(bytes)) {}
  Bytes bytes;
};

struct Value::TypeHolder : Rep {
  explicit TypeHolder(Type type) : Rep(Shape::kType), type(std::move(type)) {}
  Type type;
};

// array, list: the elements. struct: the fields. union: one, of field `index`. optional, any: one.
struct Value::Items : Rep {
  Items() : Rep(Shape::kItems) {}
  std::vector<Value> items;
  std::size_t index = 0;
  bool all_alike = false;  // a zero array: one item stands for all
};

// set: keys. map: keys and elements. In order of insertion.
struct Value::Entries : Rep {
  Entries() : Rep(Shape::kEntries) {}
  Entries(const Entries& other);

  std::size_t find(const Value& key) const;  // or SIZE_MAX
  void add_to_index(std::size_t at);

  std::vector<Value> keys;
  std::vector<Value> elems;

 private:
  struct Order {
    bool operator()(std::size_t a, std::size_t b) const;
    const Entries* entries;
  };
  std::set<std::size_t, Order> index_{Order{this}};
  // The key that is looked for, which has the place SIZE_MAX in comparisons; find() sets it for its own duration.
  static thread_local const Value* wanted_;
};

}  // namespace nb

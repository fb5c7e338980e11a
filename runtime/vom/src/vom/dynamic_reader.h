// DynamicReader: reads a Value of any type from a Reader, or walks over it.
//
// Depth and memory are counted by the Reader. A struct of many fields may cost one byte on the wire: zero structs of
// one type share their parts, and of others each is charged.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include <nb/vdl/value.h>
#include <nb/vom/reader.h>

namespace nb::vom {

class DynamicReader {
 public:
  explicit DynamicReader(Reader& reader) : reader_(reader) {}
  // For version 0x80, where types stand in the body by their ids (docs/spec/vom.md appendix B).
  using FindType = std::function<std::optional<Type>(std::uint64_t id)>;
  DynamicReader(Reader& reader, FindType types_80) : reader_(reader), types_80_(std::move(types_80)) {}

  // False: the reader holds the error.
  bool read(const Type& type, Value& value);
  bool skip(const Type& type);
  // The body of an any that is not nil: its type and then where it ends. The reader ends there until leave_any().
  bool enter_any(Type& type, const std::uint8_t*& outer_end);
  bool leave_any(const std::uint8_t* outer_end);

 private:
  bool charge(std::uint64_t bytes) { return reader_.charge(bytes); }
  const Value* zero(const Type& type);  // null: it takes too much memory
  bool unsigned_number(Kind kind, std::uint64_t& v);
  bool signed_number(Kind kind, std::int64_t& v);
  bool floating(Kind kind, double& v);
  bool type_object(Type& v);
  bool list(const Type& type, Value& value);
  bool map(const Type& type, Value& value);
  bool structure(const Type& type, Value& value);
  bool one_of(const Type& type, Value& value);

  Reader& reader_;
  FindType types_80_;  // empty for the current version
  std::unordered_map<const TypeNode*, Value> zeros_;
};

}  // namespace nb::vom

#include "codegen/cpp/rows.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "codegen/cpp/literals.h"
#include "codegen/cpp/wrap.h"

namespace vdlc::cpp {
namespace {

using nb::Kind;
using nlohmann::json;

// How much stands before the value of an array: "  static constexpr ::nb::FieldRow fields0[] = ".
constexpr std::size_t kDeclared = 45;

class Rows {
 public:
  explicit Rows(Speller& speller) : speller_(speller) {}

  json describe(const Layout& layout) {
    for (const auto* def : layout.order) row_of(def->type, true);
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const Pending next = pending_[i];  // a copy: row() may add to the list
      rows_.push_back(row(next.type, next.local));
    }
    return {{"rows", rows_}, {"fields", fields_}, {"labels", labels_}};
  }

 private:
  struct Pending {
    nb::Type type;
    bool local;
  };

  std::size_t row_of(const nb::Type& type, bool local = false) {
    const auto [at, added] = indices_.emplace(type.node(), pending_.size());
    if (added) pending_.push_back({type, local});
    return at->second;
  }

  std::string row(const nb::Type& type, bool local) {
    if (!local && (!type.name().empty() || is_built_in(type))) return external(type);
    const std::string name = string_literal(type.name());
    const auto make = [](std::string_view format, const auto&... args) {
      return "::nb::TypeRow::" + fmt::format(fmt::runtime(format), args...);
    };
    switch (type.kind()) {
      case Kind::kEnum:
        return make("enumeration({}, {})", name, labels(type));
      case Kind::kArray:
        return make("array({}, {}, {})", name, type.len(), row_of(type.elem()));
      case Kind::kList:
        return make("list({}, {})", name, row_of(type.elem()));
      case Kind::kSet:
        return make("set({}, {})", name, row_of(type.key()));
      case Kind::kMap:
        return make("map({}, {}, {})", name, row_of(type.key()), row_of(type.elem()));
      case Kind::kOptional:
        return make("optional({})", row_of(type.elem()));
      case Kind::kStruct:
        return make("structure({}, {})", name, fields(type));
      case Kind::kUnion:
        return make("union_of({}, {})", name, fields(type));
      default:
        return make("named({}, {})", name, row_of(unnamed(type.kind())));
    }
  }

  static bool is_built_in(const nb::Type& type) {
    return is_number(type.kind()) || type.kind() == Kind::kString || type.kind() == Kind::kAny ||
           type.kind() == Kind::kTypeObject || type == nb::Type::error();
  }

  std::string external(const nb::Type& type) {
    return fmt::format("::nb::TypeRow::external(&::nb::Codec<{}>::type)", speller_.type(type));
  }

  static nb::Type unnamed(Kind kind) {
    switch (kind) {
      case Kind::kBool:
        return nb::Type::boolean();
      case Kind::kByte:
        return nb::Type::byte();
      case Kind::kUint16:
        return nb::Type::uint16();
      case Kind::kUint32:
        return nb::Type::uint32();
      case Kind::kUint64:
        return nb::Type::uint64();
      case Kind::kInt8:
        return nb::Type::int8();
      case Kind::kInt16:
        return nb::Type::int16();
      case Kind::kInt32:
        return nb::Type::int32();
      case Kind::kInt64:
        return nb::Type::int64();
      case Kind::kFloat32:
        return nb::Type::float32();
      case Kind::kFloat64:
        return nb::Type::float64();
      default:
        return nb::Type::string();
    }
  }

  // Fields and labels of one type become an array; no array can be empty, so an empty struct has none.
  std::string fields(const nb::Type& type) {
    if (type.fields().empty()) return "{}";
    std::string entries;
    for (const auto& field : type.fields()) {
      entries +=
          fmt::format("{}{{{}, {}}}", entries.empty() ? "" : ", ", string_literal(field.name), row_of(field.type));
    }
    const std::string name = fmt::format("fields{}", fields_.size());
    fields_.push_back({{"name", name}, {"value", wrap("{" + entries + "}", kDeclared, 2)}});
    return name;
  }

  std::string labels(const nb::Type& type) {
    std::string entries;
    for (const auto& label : type.labels()) entries += (entries.empty() ? "" : ", ") + string_literal(label);
    const std::string name = fmt::format("labels{}", labels_.size());
    labels_.push_back({{"name", name}, {"value", wrap("{" + entries + "}", kDeclared, 2)}});
    return name;
  }

  Speller& speller_;
  std::map<const nb::TypeNode*, std::size_t> indices_;
  std::vector<Pending> pending_;
  json rows_ = json::array(), fields_ = json::array(), labels_ = json::array();
};

}  // namespace

json describe_rows(const Layout& layout, Speller& speller) { return Rows(speller).describe(layout); }

}  // namespace vdlc::cpp

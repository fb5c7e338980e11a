#include <nb/vdl/type_rows.h>

#include <string>

#include <nb/base/check.h>

#include "vdl/type_node.h"

namespace nb {

TypeTable::TypeTable(std::span<const TypeRow> rows) {
  TypeBuilder builder;
  std::vector<TypeBuilder::Ref> refs;
  refs.reserve(rows.size());
  for (const auto& row : rows) {
    refs.push_back(row.external_type ? builder.ref(row.external_type()) : builder.named(std::string(row.name)));
  }
  const auto fields_of = [&](const TypeRow& row) {
    std::vector<TypeBuilder::Field> fields;
    for (const auto& field : row.fields) fields.push_back({std::string(field.name), refs.at(field.type)});
    return fields;
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    if (row.external_type) continue;
    if (row.is_base) {
      builder.set_base(refs[i], refs.at(row.elem));
      continue;
    }
    switch (row.kind) {
      case Kind::kEnum:
        builder.set_enum(refs[i], {row.labels.begin(), row.labels.end()});
        break;
      case Kind::kArray:
        builder.set_array(refs[i], row.len, refs.at(row.elem));
        break;
      case Kind::kList:
        builder.set_list(refs[i], refs.at(row.elem));
        break;
      case Kind::kSet:
        builder.set_set(refs[i], refs.at(row.key));
        break;
      case Kind::kMap:
        builder.set_map(refs[i], refs.at(row.key), refs.at(row.elem));
        break;
      case Kind::kOptional:
        builder.set_optional(refs[i], refs.at(row.elem));
        break;
      case Kind::kStruct:
        builder.set_struct(refs[i], fields_of(row));
        break;
      case Kind::kUnion:
        builder.set_union(refs[i], fields_of(row));
        break;
      default:
        NB_CHECK(false, "a row of a scalar is external or gives it a name");
    }
  }
  auto built = builder.build();
  if (!built) check_failed("types are valid", std::string(built.error().message()).c_str(), __FILE__, __LINE__);
  auto made = built->begin();
  for (const auto& row : rows) types_.push_back(row.external_type ? row.external_type() : *made++);
}

}  // namespace nb

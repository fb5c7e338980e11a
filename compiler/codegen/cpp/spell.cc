#include "codegen/cpp/spell.h"

#include <fmt/format.h>

#include "codegen/cpp/names.h"
#include "codegen/cpp/native.h"

namespace vdlc::cpp {

using nb::Kind;

bool is_number(Kind kind) {
  switch (kind) {
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
      return true;
    case Kind::kAny:
    case Kind::kString:
    case Kind::kEnum:
    case Kind::kTypeObject:
    case Kind::kArray:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kStruct:
    case Kind::kUnion:
    case Kind::kOptional:
      return false;
  }
  return false;
}

bool is_scalar(const nb::Type& type) { return is_number(type.kind()) || type.kind() == Kind::kEnum; }

std::string output_path(std::string_view package_path, std::string_view package_name, std::string_view ending) {
  return fmt::format("{}/{}.{}", package_path, package_name, ending);
}

void Speller::include_package(std::string_view path, std::string_view ending) {
  if (path == package_.path) return;
  const model::Package* other = program_.find(path);
  const std::string name = other == nullptr ? std::string(path.substr(path.rfind('/') + 1)) : other->name;
  include(fmt::format("\"{}\"", output_path(path, name, ending)));
}

std::string Speller::wire_name(std::string_view full_name) {
  const FullName name = split_full_name(full_name);
  include_package(name.package, "vdl.h");
  return rooted(namespace_of(name.package, options_)) + "::" + spell_name(name.local, Place::kPackage);
}

std::string Speller::type(const nb::Type& type, const std::set<std::string>& incomplete) {
  if (type.name().empty()) return structure(type, incomplete);
  if (const auto native = native_type(type.name(), options_)) {
    if (!native->header.empty()) include(native->header);
    return native->type;
  }
  return wire_name(type.name());
}

std::string Speller::structure(const nb::Type& type, const std::set<std::string>& incomplete) {
  const auto part = [&](const nb::Type& t) { return this->type(t, incomplete); };
  switch (type.kind()) {
    case Kind::kAny:
      include("<nb/vdl/any.h>");
      return "::nb::Any";
    case Kind::kTypeObject:
      include("<nb/vdl/type.h>");
      return "::nb::Type";
    case Kind::kBool:
      return "bool";
    case Kind::kByte:
      include("<cstdint>");
      return "std::uint8_t";
    case Kind::kUint16:
      include("<cstdint>");
      return "std::uint16_t";
    case Kind::kUint32:
      include("<cstdint>");
      return "std::uint32_t";
    case Kind::kUint64:
      include("<cstdint>");
      return "std::uint64_t";
    case Kind::kInt8:
      include("<cstdint>");
      return "std::int8_t";
    case Kind::kInt16:
      include("<cstdint>");
      return "std::int16_t";
    case Kind::kInt32:
      include("<cstdint>");
      return "std::int32_t";
    case Kind::kInt64:
      include("<cstdint>");
      return "std::int64_t";
    case Kind::kFloat32:
      return "float";
    case Kind::kFloat64:
      return "double";
    case Kind::kString:
      include("<string>");
      return "std::string";
    case Kind::kArray:
      include("<array>");
      return fmt::format("std::array<{}, {}>", part(type.elem()), type.len());
    case Kind::kList:
      if (type.elem() == nb::Type::byte()) {
        include("<nb/base/bytes.h>");
        return "::nb::Bytes";
      }
      include("<vector>");
      return fmt::format("std::vector<{}>", part(type.elem()));
    case Kind::kSet:
      include("<nb/vdl/containers.h>");
      return fmt::format("::nb::Set<{}>", part(type.key()));
    case Kind::kMap:
      include("<nb/vdl/containers.h>");
      return fmt::format("::nb::Map<{}, {}>", part(type.key()), part(type.elem()));
    case Kind::kOptional:
      if (type == nb::Type::error()) {
        include("<nb/base/error.h>");
        include("<optional>");
        return "std::optional<::nb::Error>";
      }
      if (incomplete.contains(std::string(type.elem().name()))) {
        include("<nb/vdl/box.h>");
        return fmt::format("::nb::Box<{}>", part(type.elem()));
      }
      include("<optional>");
      return fmt::format("std::optional<{}>", part(type.elem()));
    case Kind::kEnum:
    case Kind::kStruct:
    case Kind::kUnion:
      break;  // never unnamed in VDL text
  }
  return wire_name(type.name());
}

}  // namespace vdlc::cpp

// What the names of a package stand for (docs/spec/vdl-language.md 3.3): its definitions, the imports of each file, and
// the lookup that every pass uses. Filled by the passes `names` and `imports`; not for use by several threads.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/model.h"
#include "syntax/ast.h"

namespace vdlc::passes {

enum class DefKind { kType, kConst, kError, kInterface };
std::string_view to_string(DefKind kind);  // "type", "constant", …

enum class DefId : std::uint32_t {};

// One definition of the package being checked.
struct Def {
  DefKind kind;
  std::uint32_t file;      // index into ast::Package::files
  std::uint32_t index;     // index into the file's list of this kind
  const ast::Ident* name;  // lives in the tree
  // Something about it is wrong and was reported: who uses it fails silently.
  bool poisoned = false;
};

// What other packages may see of an imported package, by name.
class Exports {
 public:
  explicit Exports(const model::Package& package);
  const model::Package& package() const { return package_; }
  const model::TypeDef* type(std::string_view name) const;
  const model::ConstDef* constant(std::string_view name) const;
  const model::Interface* interface(std::string_view name) const;

 private:
  const model::Package& package_;
  std::unordered_map<std::string_view, const model::TypeDef*> types_;
  std::unordered_map<std::string_view, const model::ConstDef*> consts_;
  std::unordered_map<std::string_view, const model::Interface*> interfaces_;
};

// An import of one file under its local name.
struct ImportEntry {
  const ast::Import* node;
  std::string local_name;
  const Exports* exports;  // null: the import is wrong, and what goes through it is poison
  bool used = false;       // a lookup went through it
};

struct FileScope {
  std::vector<ImportEntry> imports;
  std::unordered_map<std::string, std::size_t> by_local_name;
};

// The answer of a lookup. `rest` says how many parts of the name were used up: 1 for `T`, 2 for `pkg.T`.
struct Lookup {
  enum class Kind {
    kUndefined,
    kPoison,
    kQuotedPath,
    kBuiltIn,
    kLocal,
    kImportedType,
    kImportedConst,
    kImportedInterface
  };
  Kind kind = Kind::kUndefined;
  std::size_t matched = 1;
  DefId local{};                                // kLocal
  const model::TypeDef* type = nullptr;         // kImportedType
  const model::ConstDef* constant = nullptr;    // kImportedConst
  const model::Interface* interface = nullptr;  // kImportedInterface
  const model::Package* package = nullptr;      // kImported…
};

class Scope {
 public:
  explicit Scope(const ast::Package& package) : package_(package), files_(package.files.size()) {}

  const ast::Package& package() const { return package_; }
  const ast::File& file(std::uint32_t index) const { return package_.files[index]; }
  FileScope& file_scope(std::uint32_t index) { return files_[index]; }
  const FileScope& file_scope(std::uint32_t index) const { return files_[index]; }

  // Definitions in (file, source) order.
  std::vector<Def>& defs() { return defs_; }
  const std::vector<Def>& defs() const { return defs_; }
  Def& def(DefId id) { return defs_[static_cast<std::size_t>(id)]; }
  const Def& def(DefId id) const { return defs_[static_cast<std::size_t>(id)]; }

  // The first definition with exactly this name.
  const DefId* find_local(std::string_view name) const;
  void declare(DefId id);
  // Definitions whose names are equal to this one when case is ignored; the first of them, or null.
  const DefId* find_folded(const std::string& folded) const;

  // Looks a name up as written in a file, and marks the import it went through as used.
  //
  // A type's name may not be followed by anything, so `types_only` tries imports before a local definition of a longer
  // name: `time.Duration` goes through the import even if another file of the package defines a type `time`.
  Lookup lookup(std::uint32_t file, const ast::NameRef& name, bool types_only = false);

  const Exports* exports_of(const model::Package& package);

 private:
  Lookup through_import(std::uint32_t file, const ast::NameRef& name);

  const ast::Package& package_;
  std::vector<FileScope> files_;
  std::vector<Def> defs_;
  std::unordered_map<std::string, DefId> by_name_;
  std::unordered_map<std::string, DefId> by_folded_name_;
  std::unordered_map<std::string, std::unique_ptr<Exports>> exports_;
};

// "a.b.c", with the quoted path if there is one; `from` leaves out the first parts.
std::string spell(const ast::NameRef& name, std::size_t from = 0);

}  // namespace vdlc::passes

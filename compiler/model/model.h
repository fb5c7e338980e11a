// The model: what a checked package means. Written by the passes in check/, const from then on, read by describe/.
//
// Types and constant values are the runtime's own (<nb/vdl/type.h>, <nb/vdl/value.h>), so that identity, type strings,
// zero values and conversions have one implementation. What they do not know stands here: how a type was written
// (TypeRef), comments, places, export, definition order.
#pragma once

#include <nb/vdl/type.h>
#include <nb/vdl/value.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "source/source.h"

namespace vdlc::model {

struct Docs {
  std::string leading;  // verbatim, as in ast::Docs
  std::string suffix;
};

// A use of a type. nb::Type says everything about it: named types carry "package/path.Name", so a generator finds the
// definition by that name.
struct TypeRef {
  nb::Type type;
  Span span;
};

struct Field {
  std::string name;
  TypeRef type;
  Docs docs;
};

struct TypeDef {
  std::string name;  // local name
  nb::Type type;     // the named type
  // The right-hand side as written: `type Time Duration` has base time.Duration; unnamed structs, enums, … have the
  // unnamed structure's kind in `type` and no base.
  std::optional<TypeRef> base;
  std::vector<Field> fields;     // docs of struct and union fields, in order; empty for others
  std::vector<Docs> label_docs;  // enum, in order
  Docs docs;
  bool exported = false;
  Span span;  // of the name
};

struct ConstDef {
  std::string name;
  nb::Value value;
  Docs docs;
  bool exported = false;
  Span span;
};

struct Arg {
  std::string name;  // "" when unnamed
  TypeRef type;
};

struct ErrorFormat {
  std::string language;
  std::string format;
};

struct ErrorDef {
  std::string name;
  std::string id;      // "package/path.Name"
  std::string action;  // "NoRetry", "RetryConnection", "RetryRefetch", "RetryBackoff"
  std::vector<Arg> params;
  std::vector<ErrorFormat> formats;
  Docs docs;
  bool exported = false;
  Span span;
};

struct Method {
  std::string name;
  std::vector<Arg> in_args;
  std::vector<Arg> out_args;
  std::optional<TypeRef> in_stream;   // client to server
  std::optional<TypeRef> out_stream;  // server to client
  std::vector<nb::Value> tags;
  Docs docs;
  Span span;
};

// An interface by name: `package` is a package path.
struct InterfaceRef {
  std::string package;
  std::string name;
  Span span;
  friend bool operator==(const InterfaceRef& a, const InterfaceRef& b) {
    return a.package == b.package && a.name == b.name;
  }
};

struct Interface {
  std::string name;
  std::vector<InterfaceRef> embeds;  // direct, source order
  std::vector<Method> methods;       // own, source order
  Docs docs;
  bool exported = false;
  Span span;
};

struct Import {
  std::string path;
  std::string local_name;
};

struct Package {
  std::string path;
  std::string name;
  std::string gen_path;
  std::string file_doc;
  Docs docs;
  std::vector<std::string> files;    // paths as shown to people, in base-name order
  std::vector<std::string> imports;  // package paths, sorted, each once
  // Types and constants in dependency order, errors and interfaces in (file, source) order; interfaces: embedded first.
  std::vector<TypeDef> types;
  std::vector<ConstDef> consts;
  std::vector<ErrorDef> errors;
  std::vector<Interface> interfaces;

  const TypeDef* find_type(std::string_view local_name) const;
  const ConstDef* find_const(std::string_view local_name) const;
  const ErrorDef* find_error(std::string_view local_name) const;
  const Interface* find_interface(std::string_view local_name) const;
};

// Everything one run has compiled, dependencies first.
struct Program {
  std::vector<std::unique_ptr<const Package>> packages;
  const Package* find(std::string_view path) const;
};

}  // namespace vdlc::model

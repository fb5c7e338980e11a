// Descriptors: an interface as data, for signatures, tools and the server. Generated code has one for every interface.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nb/vdl/any.h>
#include <nb/vdl/type.h>

namespace nb {

struct ArgDescriptor {
  std::string name;  // "" when the argument has no name
  std::string doc;
  Type type;
};

struct MethodDescriptor {
  std::string name;
  std::string doc;
  std::vector<ArgDescriptor> in_args;
  std::vector<ArgDescriptor> out_args;      // without the final error
  std::optional<ArgDescriptor> in_stream;   // items that the client sends
  std::optional<ArgDescriptor> out_stream;  // items that the server sends
  std::vector<Any> tags;
  std::string file;  // where it is declared; "" and 0 when unknown
  int line = 0;
};

struct EmbedDescriptor {
  std::string name;
  std::string package_path;
  std::string doc;
};

struct InterfaceDescriptor {
  std::string name;
  std::string package_path;
  std::string doc;
  std::vector<EmbedDescriptor> embeds;
  std::vector<MethodDescriptor> methods;  // its own, in the order of declaration
};

}  // namespace nb

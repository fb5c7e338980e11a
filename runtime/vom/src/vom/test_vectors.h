// The golden vectors of testdata/vom, for tests.
#pragma once

#include <string>
#include <vector>

#include <nb/base/bytes.h>

namespace nb::vom {

struct Vector {
  std::string name, type, expr;
  Bytes stream, version, types, value;
};

// vom81, vom80, vomtest81
std::vector<Vector> load_vectors(const std::string& file);

struct Conversion {
  std::string name;
  Bytes target, source;
};
std::vector<Conversion> load_conversions();

struct Robust {
  std::string name, want, value;
  Bytes stream;
};
std::vector<Robust> load_robust();

Bytes from_hex(const std::string& hex);
std::string to_hex(BytesView bytes);

}  // namespace nb::vom

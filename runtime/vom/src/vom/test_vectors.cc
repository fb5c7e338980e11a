#include "vom/test_vectors.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include <nb/base/check.h>

namespace nb::vom {

namespace {

nlohmann::json load(const std::string& file) {
  std::ifstream in(std::string(NB_TESTDATA) + "/vom/" + file);
  NB_CHECK(in, "the vectors are where the build says");
  return nlohmann::json::parse(in);
}

}  // namespace

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16)));
  }
  return bytes;
}

std::string to_hex(BytesView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const auto byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::vector<Vector> load_vectors(const std::string& file) {
  std::vector<Vector> vectors;
  for (const auto& record : load(file)) {
    vectors.push_back({record["name"], record["type"], record["valueExpr"], from_hex(record["hex"]),
                       from_hex(record["hexVersion"]), from_hex(record["hexType"]), from_hex(record["hexValue"])});
  }
  return vectors;
}

std::vector<Conversion> load_conversions() {
  std::vector<Conversion> conversions;
  for (const auto& record : load("vdltest-convert-pass.json")) {
    conversions.push_back({std::string(record["sourceExpr"]) + " to " + std::string(record["targetExpr"]),
                           from_hex(record["targetHex"]), from_hex(record["sourceHex"])});
  }
  return conversions;
}

std::vector<Robust> load_robust() {
  std::vector<Robust> cases;
  for (const auto& record : load("vom81-robust.json")) {
    cases.push_back({record["name"], record["want"], record.value("value", ""), from_hex(record["hex"])});
  }
  return cases;
}

}  // namespace nb::vom
